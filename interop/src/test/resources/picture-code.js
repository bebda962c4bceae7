// Reads and paints the code of docs/test-picture.md. A classic script, so that a test can put it into any page.
// eslint-disable-next-line no-unused-vars
const pictureCode = (() => {
  const columns = 20;
  const markers = new Map([[0, true], [1, false], [18, false], [19, true]]);
  const crcOf = (value) => {
    let crc = 0xff;
    for (const shift of [16, 8, 0]) {
      crc ^= (value >>> shift) & 0xff;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc;
  };
  const isWhite = (word, row, column) =>
    markers.has(column) ? markers.get(column) === (row === 0) : ((word >>> (31 - (16 * row + column - 2))) & 1) === 1;

  const sampler = document.createElement('canvas');

  /** Reads the code from a video or canvas element; null when there is none. */
  function read(element) {
    const width = element.videoWidth ?? element.width;
    const height = element.videoHeight ?? element.height;
    if (!width || !height) return null;
    // Only the upper eighth is looked at.
    const rows = Math.ceil(height / 8);
    sampler.width = width;
    sampler.height = rows;
    const context = sampler.getContext('2d', { willReadFrequently: true });
    context.drawImage(element, 0, 0, width, rows, 0, 0, width, rows);
    const pixels = context.getImageData(0, 0, width, rows).data;
    const cell = (row, column) => {
      let sum = 0;
      let count = 0;
      for (let y = Math.floor(((4 * row + 1) * height) / 64); y < Math.floor(((4 * row + 3) * height) / 64); y++) {
        for (let x = Math.floor(((4 * column + 1) * width) / 80); x < Math.floor(((4 * column + 3) * width) / 80); x++) {
          sum += pixels[4 * (y * width + x) + 1];
          count++;
        }
      }
      return count > 0 && sum / count > 127;
    };
    let word = 0;
    for (let row = 0; row < 2; row++) {
      for (const [column, white] of markers) if (cell(row, column) !== (white === (row === 0))) return null;
      for (let column = 2; column < 18; column++) word = ((word << 1) | cell(row, column)) >>> 0;
    }
    return (word & 0xff) === crcOf(word >>> 8) ? word >>> 8 : null;
  }

  /** Paints a code onto the upper eighth of a canvas. */
  function paint(canvas, value) {
    const word = (((value & 0xffffff) << 8) | crcOf(value & 0xffffff)) >>> 0;
    const context = canvas.getContext('2d');
    for (let row = 0; row < 2; row++) {
      for (let column = 0; column < columns; column++) {
        context.fillStyle = isWhite(word, row, column) ? '#fff' : '#000';
        const left = Math.floor((column * canvas.width) / columns);
        const top = Math.floor((row * canvas.height) / 16);
        context.fillRect(left, top, Math.ceil(canvas.width / columns), Math.ceil(canvas.height / 16));
      }
    }
  }

  /** Replaces getUserMedia by a picture whose code is the clock, as docs/test-picture.md has it, and a tone. */
  function replaceDevices(hertz) {
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
      const tracks = [];
      if (video) {
        const canvas = document.createElement('canvas');
        canvas.width = 640;
        canvas.height = 480;
        setInterval(() => {
          const context = canvas.getContext('2d');
          context.fillStyle = '#567';
          context.fillRect(0, 60, 640, 420);
          // Somebody, and something that moves.
          context.fillStyle = '#abc';
          for (const [y, width, height] of [[230, 75, 90], [520, 190, 180]]) {
            context.beginPath();
            context.ellipse(320, y, width, height, 0, 0, 2 * Math.PI);
            context.fill();
          }
          context.fillStyle = '#fed';
          context.fillRect((performance.now() / 10) % 600, 100, 20, 20);
          paint(canvas, Date.now() % 2 ** 24);
        }, 40);
        tracks.push(...canvas.captureStream(25).getVideoTracks());
      }
      if (audio) {
        const context = new AudioContext();
        const tone = new OscillatorNode(context, { frequency: hertz });
        const level = new GainNode(context, { gain: 0.3 });
        const output = context.createMediaStreamDestination();
        tone.connect(level).connect(output);
        tone.start();
        await context.resume();
        tracks.push(...output.stream.getAudioTracks());
      }
      return new MediaStream(tracks);
    };
  }

  /**
   * Has getUserMedia leave the sound as it is: what a browser does for a voice takes a steady tone for noise or for an
   * echo, and may suppress it down to its own comfort noise.
   */
  function leaveSoundAsItIs() {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    const asItIs = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    devices.getUserMedia = ({ audio, ...others }) => open({ ...others, audio: audio && asItIs });
  }

  /** The strongest frequency of a stream's sound over about a second. */
  async function frequencyOf(stream) {
    const context = new AudioContext();
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    await new Promise((done) => setTimeout(done, (1200 * samples.length) / context.sampleRate));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const best = bins.reduce((top, level, index) => (level > bins[top] ? index : top), 0);
    const result = { hertz: (best * context.sampleRate) / analyser.fftSize, decibels: bins[best] };
    await context.close();
    return result;
  }

  /** Sends one more picture, whose code is so far ahead of the clock. */
  function addPicture(connection, aheadMillis) {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 480;
    setInterval(() => paint(canvas, (Date.now() + aheadMillis) % 2 ** 24), 40);
    connection.addTrack(canvas.captureStream(25).getVideoTracks()[0]);
  }

  const watched = new Map();

  /** Whether the connection receives live pictures whose codes are so far ahead of the clock, each of its own. */
  function sees(connection, wanted) {
    const live = connection
      .getReceivers()
      .map(({ track }) => track)
      .filter((track) => track.kind === 'video' && track.readyState === 'live' && !track.muted);
    for (const track of [...watched.keys()].filter((known) => !live.includes(known))) {
      watched.get(track).remove();
      watched.delete(track);
    }
    const ahead = live.map((track) => {
      if (!watched.has(track)) {
        const video = document.createElement('video');
        video.muted = true;
        video.width = 64; // what is not laid out may not be played
        document.body.append(video);
        video.srcObject = new MediaStream([track]);
        video.play();
        watched.set(track, video);
      }
      const code = read(watched.get(track));
      if (code === null) return null;
      const late = 5000;
      return (code - (Date.now() % 2 ** 24) + late + 2 ** 25) % 2 ** 24;
    });
    return wanted.every((millis) => ahead.some((seen) => seen !== null && Math.abs(seen - 5000 - millis) < 5000));
  }

  return { read, paint, replaceDevices, leaveSoundAsItIs, frequencyOf, addPicture, sees };
})();
