/**
 * Video elements that a click has touched before a stream wanted them. To WebKit a click belongs to the
 * element that it unmutes, and one that came later could not be heard: so each click in the page makes
 * some ready for the calls to come.
 */

/** Two for each of two streams with sound. */
const SPARE = 4;

export class SpareVideos {
  /** @type {HTMLVideoElement[]} */
  #videos = [];

  /** Fills up; within a click. */
  fill() {
    while (this.#videos.length < SPARE) {
      const video = document.createElement('video');
      video.muted = true;
      video.muted = false;
      this.#videos.push(video);
    }
  }

  /** @returns {{video: HTMLVideoElement, clicked: boolean}} one that a click has touched, if there is one */
  take() {
    const video = this.#videos.pop();
    return { video: video ?? document.createElement('video'), clicked: video !== undefined };
  }
}

export const spareVideos = new SpareVideos();
