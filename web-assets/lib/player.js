/**
 * What `<heliograph-video>` expects of a player, whichever way it plays.
 *
 * @typedef {object} PlayerStats
 * @property {'frames' | 'webm'} format
 * @property {number} shown pictures shown
 * @property {number} dropped pictures that came and were not shown
 * @property {number} buffered seconds that wait to be played
 * @property {number} clock the time, in seconds on the stream's clock, that is shown
 * @property {number} latency seconds from a picture's arrival in the page to its showing: an estimate
 * @property {number} rebuilds how often it had to start over
 * @property {number} [skew] seconds by which the picture is earlier than its sound; NaN without sound
 * @property {number} [level] how loud the stream is, before its volume: root mean square, 0 to 1
 * @property {number} [audioTarget] seconds that sound is delayed for jitter and late pictures
 * @property {number} [audioSpeed] at which sound is played to keep to the sound card's clock
 * @property {number} audioUnderruns how often sound came too late
 * @property {number} [audioConcealed] seconds of sound that were made up
 * @property {number} [skipped] seconds that were left out of the stream to win back delay
 *
 * @typedef {object} PlayerListener
 * @property {(message: Record<string, unknown>) => void} send to the agent
 * @property {(tracks: {video: boolean, audio: boolean}) => void} tracksChanged
 * @property {() => void} pictureShown
 * @property {(width: number, height: number) => void} resized
 * @property {(running: boolean) => void} soundChanged the engine lets sound play, or has stopped it
 * @property {() => void} connectionNeeded only a new connection helps
 * @property {(error: import('./heliograph-error.js').HeliographError) => void} failed it cannot play
 *
 * @typedef {object} Player
 * @property {'frames' | 'webm'} format
 * @property {HTMLElement} element what shows the picture
 * @property {(message: Record<string, any>) => void} receiveText
 * @property {(message: ArrayBuffer) => void} receiveBinary
 * @property {() => void} reset a new connection begins
 * @property {(on: boolean, clicked?: boolean) => Promise<boolean>} setSound whether sound is heard
 *     now; false when the engine wants a click. `clicked`: this call comes out of one
 * @property {(volume: number) => void} setVolume
 * @property {(visible: boolean) => void} setVisible
 * @property {() => PlayerStats} stats
 * @property {() => void} rebuild start over at the next key frame
 * @property {() => void} close
 */
export {};
