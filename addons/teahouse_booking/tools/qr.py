"""QR codes as pictures."""

import base64
import io

import qrcode


def data_url(text, box_size=6):
    """Return a QR code as the data URL of a PNG.

    :param int box_size: pixels of one of its squares
    """
    code = qrcode.QRCode(
        error_correction=qrcode.ERROR_CORRECT_M, border=2, box_size=box_size
    )
    code.add_data(text)
    buffer = io.BytesIO()
    code.make_image().save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
