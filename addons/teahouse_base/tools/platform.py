"""What the clients of WeChat, Alipay and SMS services share. No Odoo models."""

import logging

import requests
from requests.exceptions import ConnectionError as NotConnected

from odoo.tools import config

_logger = logging.getLogger(__name__)

#: Seconds to connect, and as many to wait for each part of the answer.
TIMEOUT = 5


class PlatformError(Exception):
    """A platform did not do what it was asked to.

    :param str code: the platform's own code, or ``no_answer``
    :param bool sent: the request may have been carried out all the same
    """

    def __init__(self, code, sent=False):
        super().__init__(code)
        self.code = str(code)
        self.sent = sent


def base_url(option, default):
    """Return where a platform answers: its fixed host.

    :param str option: name of an option of the server's configuration file that
        points tests at a stand-in; nothing in the database can move it
    """
    return (config.get(option) or default).rstrip("/")


def call(method, url, **kwargs):
    """Send a request and return the response.

    Neither the address, which may hold a secret, nor the answer is logged.

    :raise PlatformError: no answer, or a fault inside the platform
    """
    name = url.split("?")[0]
    try:
        response = requests.request(
            method, url, timeout=TIMEOUT, allow_redirects=False, **kwargs
        )
    except requests.exceptions.RequestException as error:
        _logger.warning("%s: no answer (%s).", name, type(error).__name__)
        # The text of the error holds the whole address.
        raise PlatformError("no_answer", sent=not _never_left(error)) from None
    if response.status_code >= 500 or 300 <= response.status_code < 400:
        _logger.warning("%s: answered with %s.", name, response.status_code)
        raise PlatformError("no_answer", sent=True)
    return response


def _never_left(error):
    return isinstance(error, requests.exceptions.ConnectTimeout) or (
        isinstance(error, NotConnected) and "NewConnectionError" in repr(error)
    )


def json_of(response):
    """Return the JSON object of a response.

    :raise PlatformError: the answer is something else
    """
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise PlatformError("no_answer", sent=True)
    return answer
