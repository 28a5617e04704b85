import { session } from "@web/session";

const PREFIX = "/teahouse/api/v1";
const TRIES = 4;

/** An error that the server explained (RFC 9457), or the lack of a net. */
export class ApiError extends Error {
    constructor(status, problem) {
        super(problem.detail || problem.title || problem.code);
        this.status = status;
        this.code = problem.code;
        this.fields = problem.errors || [];
        this.problem = problem;
    }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A fresh idempotency key: one per intention, the same for all its tries. */
export function newKey() {
    return crypto.randomUUID?.() || `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

export class Api {
    token = null;
    /** Called when the server no longer knows the session. */
    onSignedOut = () => {};

    get(path, query) {
        const clean = Object.entries(query || {}).filter(
            ([, value]) => value !== undefined && value !== null && value !== ""
        );
        const suffix = clean.length ? `?${new URLSearchParams(clean)}` : "";
        return this.send("GET", path + suffix);
    }

    /** @param {string} [key] idempotency key of this intention */
    post(path, body = {}, key = newKey()) {
        return this.send("POST", path, body, key);
    }

    patch(path, body) {
        return this.send("PATCH", path, body);
    }

    put(path, body) {
        return this.send("PUT", path, body);
    }

    delete(path) {
        return this.send("DELETE", path);
    }

    /**
     * Upload a picture; one that nobody uses is dropped by the server after some days.
     *
     * @param {Blob} file
     * @returns {Promise<{id: number}>}
     */
    upload(file) {
        const body = new FormData();
        body.append("file", file, "picture.jpg");
        return this.repeat("/uploads", { method: "POST", headers: this.headers(), body }, true);
    }

    /** Get a file that only the member may have, a bill for example. */
    async file(path) {
        return this.repeat(path, { method: "GET", headers: this.headers() }, true);
    }

    headers() {
        const headers = { "Accept-Language": session.lang.replace("_", "-") };
        if (this.token) {
            headers.Authorization = `Bearer ${this.token}`;
        }
        return headers;
    }

    /**
     * Send a request; where nothing can happen twice (reads, keyed writes), a lost
     * answer is asked for again.
     *
     * @throws {ApiError}
     */
    async send(method, path, body, key) {
        const headers = this.headers();
        if (body !== undefined) {
            headers["Content-Type"] = "application/json";
        }
        if (key) {
            headers["Idempotency-Key"] = key;
        }
        const request = { method, headers, body: body && JSON.stringify(body) };
        return this.repeat(path, request, method === "GET" || Boolean(key));
    }

    async repeat(path, request, repeatable) {
        for (let attempt = 1; ; attempt++) {
            try {
                return await this.once(path, request);
            } catch (error) {
                const lost = !(error instanceof ApiError) || [502, 504].includes(error.status);
                if (!lost) {
                    throw error;
                }
                if (!repeatable || attempt >= TRIES) {
                    throw new ApiError(0, { code: "no_network" });
                }
                await pause(300 * 2 ** attempt);
            }
        }
    }

    async once(path, request) {
        const response = await fetch(PREFIX + path, request);
        if (response.status === 204) {
            return null;
        }
        const isJson = /json/.test(response.headers.get("Content-Type") || "");
        if (response.ok && !isJson) {
            return response.blob();
        }
        const answer = isJson ? await response.json() : {};
        if (response.ok) {
            return answer;
        }
        if (response.status === 401 && this.token) {
            this.onSignedOut();
        }
        throw new ApiError(response.status, { code: "internal", ...answer });
    }
}
