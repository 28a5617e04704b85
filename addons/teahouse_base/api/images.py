"""Images from outside: read with care, kept only after encoding them anew."""

import io
import warnings

# Odoo loads only some of Pillow's formats; importing this one adds it.
from PIL import Image, ImageOps, UnidentifiedImageError, WebPImagePlugin  # noqa: F401

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 50_000_000
MAX_SIDE = 1920
QUALITY = 85


class ImageRefused(ValueError):
    """What was sent is not an image that can be kept."""


def encode_anew(stream):
    """Return an image as JPEG (bytes): upright, at most 1920 px, without metadata.

    What hides in a file besides its picture (position, scripts, other formats)
    does not survive.

    :raise ImageRefused: it is none, of another format, damaged or a bomb
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise ImageRefused("size")
            image = ImageOps.exif_transpose(image)
            image.thumbnail((MAX_SIDE, MAX_SIDE))
    except ImageRefused:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise ImageRefused("format") from error
    if image.mode in ("RGBA", "LA", "PA", "P"):
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    encoded = io.BytesIO()
    image.convert("RGB").save(encoded, "JPEG", quality=QUALITY, optimize=True)
    return encoded.getvalue()
