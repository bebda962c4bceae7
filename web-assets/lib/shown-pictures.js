/**
 * Counts the pictures that a video element really shows.
 *
 * `requestVideoFrameCallback` tells of each at once. But a WebKitGTK that draws its pages without the graphics
 * card has it and never calls it, though the picture moves: Wails' windows by default (docs/page.md). There
 * the engine's own count is looked at, four times a second.
 */

/** Whether the engine has told of a picture, of whatever element: then it tells of all, and nothing else counts. */
let engineTells = false;

export class ShownPictures {
  #video;
  /** What the engine's count was at the last look. @type {number | undefined} */
  #counted;

  /**
   * @param {HTMLVideoElement} video
   * @param {(pictures: number) => void} shown so many more
   */
  constructor(video, shown) {
    this.#video = video;
    const next = () => {
      engineTells = true;
      shown(1);
      video.requestVideoFrameCallback(next);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(next);
    video.addEventListener('timeupdate', () => {
      const pictures = this.#look();
      if (pictures > 0 && !document.hidden) shown(pictures);
    });
  }

  /** Pictures since the last look that the engine has not told of; the first look at a source sees none. */
  #look() {
    if (engineTells) return 0;
    const count = this.#video.getVideoPlaybackQuality().totalVideoFrames;
    const before = this.#counted ?? count;
    this.#counted = count;
    return count - before;
  }
}
