const THEME_KEY = "teahouse.theme";
const YEAR_SECONDS = 365 * 24 * 3600;

/** The look that was chosen by hand: `light`, `dark`, or empty for the phone's own. */
export function keptTheme() {
    return document.documentElement.dataset.theme || "";
}

export function keepTheme(theme) {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(THEME_KEY, theme);
}

/** Show the app in another language; the page is made in one, so it comes anew. */
export function useLanguage(lang) {
    document.cookie = `frontend_lang=${lang};path=/;max-age=${YEAR_SECONDS};samesite=lax`;
    location.search = `?lang=${lang}`;
}
