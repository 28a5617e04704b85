/**
 * SHA-256 (FIPS 180-4) of a text. `crypto.subtle` is there on secure pages only, and
 * its promises would make thousands of small hashes slow.
 */

const primes = [];
for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime)) {
        primes.push(number);
    }
}
/** First 32 bits of the broken part of a root. */
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));

const turn = (word, by) => (word >>> by) | (word << (32 - by));

/** Fill the text up to whole blocks of 64 bytes, with its length in bits at the end. */
function blocks(text) {
    const bytes = new TextEncoder().encode(text);
    const filled = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
    filled.set(bytes);
    filled[bytes.length] = 0x80;
    const view = new DataView(filled.buffer);
    view.setUint32(filled.length - 4, bytes.length * 8);
    return view;
}

/**
 * @param {string} text
 * @returns {Uint8Array} 32 bytes
 */
export function sha256(text) {
    const view = blocks(text);
    const state = [...START];
    const words = new Int32Array(64);
    for (let at = 0; at < view.byteLength; at += 64) {
        for (let i = 0; i < 16; i++) {
            words[i] = view.getInt32(at + 4 * i);
        }
        for (let i = 16; i < 64; i++) {
            const [early, late] = [words[i - 15], words[i - 2]];
            const mixed = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
            const mixedLate = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
            words[i] = (words[i - 16] + mixed + words[i - 7] + mixedLate) | 0;
        }
        let [a, b, c, d, e, f, g, h] = state;
        for (let i = 0; i < 64; i++) {
            const choice = (e & f) ^ (~e & g);
            const spread = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
            const first = (h + spread + choice + ROUNDS[i] + words[i]) | 0;
            const most = (a & b) ^ (a & c) ^ (b & c);
            const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + most) | 0;
            [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
        }
        [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
}
