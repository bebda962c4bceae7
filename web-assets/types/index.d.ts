/**
 * What the package declares beyond what TypeScript reads out of the library's JSDoc (`npm run types` writes that to
 * dist/): the events' details, and the element's name.
 */
import type { CallMedia, CallSession, Recording } from '../dist/heliograph-client.js';
import type { HeliographError, HeliographVideo } from '../dist/index.js';
import type { VideoState } from '../dist/heliograph-video.js';

export * from '../dist/index.js';
export type { CallMedia, CallOptions, CallSession, DeviceState, Recording } from '../dist/heliograph-client.js';
export type { PlayerStats } from '../dist/player.js';
export type { SoundState } from '../dist/sound-switch.js';
export type { VideoState };

/** The `detail` of each event of a `HeliographClient`. */
export interface HeliographClientEvents {
  /** Somebody calls; `repeated` where the call has rung before this stream of events was opened. */
  incoming: CallSession & { repeated?: boolean };
  /** At each change of a call's state or of what it receives; a stream of events begins with one for each call. */
  state: CallSession;
  /** A device was switched, lost or found again. */
  devices: CallSession;
  ended: {
    channel_id: string;
    remote_peer: string;
    reason: string;
    /** The same for a person. */
    message: string;
    /** Both sides called at once: the call that goes on. */
    replaced_by?: string;
  };
  /** Every three seconds of a connected call. */
  quality: {
    channel_id: string;
    grade: 'good' | 'fair' | 'poor';
    round_trip_ms?: number;
    fraction_lost?: number;
    bits_per_second?: number;
  };
  recording: Recording & { channel_id: string };
  /** Something went wrong and the call goes on. */
  error: {
    channel_id?: string;
    code: string;
    detail: string;
    hint: string;
    device?: string;
    error: HeliographError;
  };
  /** The way to the agent is open, or lost; the client comes back by itself. */
  connection: { connected: boolean; error?: HeliographError };
}

/** The `detail` of each event of a `<heliograph-video>`. */
export interface HeliographVideoEvents {
  playing: {};
  stalled: {};
  ended: { reason: string };
  error: HeliographError;
  soundblocked: {};
  soundon: {};
  statechange: { state: VideoState; callState: string };
  resize: { width: number; height: number };
}

type On<Events> = <Name extends keyof Events>(
  type: Name,
  listener: (event: CustomEvent<Events[Name]>) => void,
  options?: boolean | AddEventListenerOptions,
) => void;

declare module '../dist/heliograph-client.js' {
  interface HeliographClient {
    addEventListener: On<HeliographClientEvents> & EventTarget['addEventListener'];
    removeEventListener: On<HeliographClientEvents> & EventTarget['removeEventListener'];
  }
}

declare module '../dist/heliograph-video.js' {
  interface HeliographVideo {
    addEventListener: On<HeliographVideoEvents> & HTMLElement['addEventListener'];
    removeEventListener: On<HeliographVideoEvents> & HTMLElement['removeEventListener'];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'heliograph-video': HeliographVideo;
  }
}
