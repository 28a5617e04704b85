const LONGEST = 1600;
const QUALITY = 0.85;

/**
 * Make a picture small enough to send over a phone's net: photos of phones are several
 * megabytes. One that the browser cannot read goes as it is; the server judges it.
 *
 * @param {File} file
 * @returns {Promise<Blob>}
 */
export async function shrink(file) {
    let bitmap;
    try {
        bitmap = await createImageBitmap(file);
    } catch {
        return file;
    }
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => {
        canvas.toBlob((blob) => resolve(blob || file), "image/jpeg", QUALITY);
    });
}
