import { onWillStart, onWillUnmount, useEnv, useState } from "@odoo/owl";
import { ApiError } from "./api";
import { errorWords } from "./errors";

/** The app's services: `api`, `account`, `router`, `toast`. */
export function useApp() {
    return useEnv().teahouse;
}

/**
 * Load what a screen shows: `data` once it is there, `error` when it is not.
 * The screen is drawn at once, with skeletons.
 *
 * @param {() => Promise<unknown>} fetcher
 */
export function useLoad(fetcher) {
    const state = useState({ data: null, error: null, loading: true });
    let latest = 0;
    state.reload = async () => {
        const mine = ++latest;
        state.loading = true;
        try {
            const data = await fetcher();
            if (mine === latest) {
                Object.assign(state, { data, error: null });
            }
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            if (mine === latest) {
                state.error = error;
            }
        } finally {
            if (mine === latest) {
                state.loading = false;
            }
        }
    };
    onWillStart(() => {
        state.reload();
    });
    return state;
}

/**
 * Run an action once at a time, with its failure told in words.
 *
 * @returns {{busy: boolean, run: (action: () => Promise<unknown>) => Promise<unknown>}}
 */
export function useAction() {
    const { toast } = useApp();
    const state = useState({ busy: false });
    state.run = async (action) => {
        if (state.busy) {
            return;
        }
        state.busy = true;
        try {
            return await action();
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            toast.show(errorWords(error), "bad");
        } finally {
            state.busy = false;
        }
    };
    return state;
}

/** Call `tick` every `ms` while the screen is open. */
export function useTicker(tick, ms) {
    const timer = setInterval(tick, ms);
    onWillUnmount(() => clearInterval(timer));
}
