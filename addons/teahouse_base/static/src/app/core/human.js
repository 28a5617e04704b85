import { ApiError } from "./api";
import { sha256 } from "./sha256";

const PIECE = 2000;

/** Count the zero bits that a hash begins with. */
export function leadingZeros(bytes) {
    let bits = 0;
    for (const byte of bytes) {
        if (byte) {
            return bits + Math.clz32(byte) - 24;
        }
        bits += 8;
    }
    return bits;
}

/**
 * Find the number that a riddle asks for, in pieces, so that the screen stays alive.
 *
 * @param {{token: string, bits: number}} riddle
 * @returns {Promise<string>}
 */
export async function solve({ token, bits }) {
    for (let number = 0; ; number++) {
        if (leadingZeros(sha256(`${token}:${number}`)) >= bits) {
            return String(number);
        }
        if (number % PIECE === PIECE - 1) {
            await new Promise((resolve) => setTimeout(resolve));
        }
    }
}

/**
 * Ask for a code by SMS. Where too many were asked for from this net, the phone
 * proves by computing that it means it.
 *
 * @param {import("./api").Api} api
 * @param {{phone: string, purpose: string}} wish
 * @param {() => void} [onRiddle] called before the phone computes
 */
export async function sendCode(api, wish, onRiddle = () => {}) {
    try {
        return await api.post("/auth/sms-codes", wish);
    } catch (error) {
        const asked = error instanceof ApiError && error.fields.some((one) => one.field === "proof");
        if (!asked) {
            throw error;
        }
        const riddle = await api.post("/auth/challenges");
        if (riddle.kind !== "proof_of_work") {
            throw error;
        }
        onRiddle();
        const answer = await solve(riddle);
        return api.post("/auth/sms-codes", { ...wish, proof: { token: riddle.token, answer } });
    }
}
