// SPDX-License-Identifier: Apache-2.0
// A sound for each verdict, told apart by rhythm as well as by pitch.

/** [hertz, starts at ms, lasts ms, wave] */
const CHIMES = {
  admit: [[660, 0, 110, "sine"], [990, 120, 200, "sine"]],
  deny: [[165, 0, 170, "sawtooth"], [165, 240, 260, "sawtooth"]],
  fault: [[330, 0, 420, "triangle"], [262, 460, 420, "triangle"]],
  attention: [[590, 0, 130, "triangle"], [590, 190, 130, "triangle"], [590, 380, 130, "triangle"]],
};
const LOUDNESS = 0.4;
/** Without it a tone clicks. */
const EDGE_S = 0.012;

/** A browser plays nothing until somebody has touched the page: until then `button` is there. */
export class Chime {
  #context = new AudioContext();
  #button;

  constructor(button) {
    this.#button = button;
    this.#context.addEventListener("statechange", () => this.#show());
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.#context.resume());
    this.#show();
  }

  #show() {
    this.#button.hidden = this.#context.state === "running";
  }

  play(face) {
    if (this.#context.state !== "running") return;
    for (const tone of CHIMES[face] ?? []) this.#tone(...tone);
  }

  #tone(hertz, startsMs, lastsMs, wave) {
    const starts = this.#context.currentTime + startsMs / 1000;
    const ends = starts + lastsMs / 1000;
    const tone = new OscillatorNode(this.#context, { type: wave, frequency: hertz });
    const volume = new GainNode(this.#context, { gain: 0 });
    volume.gain.setValueAtTime(0, starts);
    volume.gain.linearRampToValueAtTime(LOUDNESS, starts + EDGE_S);
    volume.gain.setValueAtTime(LOUDNESS, ends - EDGE_S);
    volume.gain.linearRampToValueAtTime(0, ends);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(starts);
    tone.stop(ends);
  }
}
