"""A headless Chromium, driven over its DevTools port. Needs websocket-client."""

import base64
import contextlib
import json
import os
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from .progress import SetupError
from .system import program

#: Where the demo's guests and staff are.
TIMEZONE, LANGUAGE = "Asia/Shanghai", "zh-CN"
START_SECONDS = 120
ANSWER_SECONDS = 60


class Browser:
    """One page in a browser of its own, gone when the block ends.

    :param int width: of the window, in CSS pixels
    :param float scale: device pixels per CSS pixel
    """

    def __init__(self, width, height, scale=1.0, mobile=False):
        self._metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": scale,
            "mobile": mobile,
        }
        self._number = 0
        self._process = self._folder = self._socket = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = [
            *(program("chromium"), "--headless=new", "--remote-debugging-port=0"),
            *("--no-first-run", "--disable-gpu", "--hide-scrollbars", "--lang=zh-CN"),
            *("--remote-allow-origins=*", f"--user-data-dir={self._folder.name}"),
            "about:blank",
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._connect()
        self.send("Page.enable")
        self.send("Emulation.setDeviceMetricsOverride", **self._metrics)
        self.send("Emulation.setTimezoneOverride", timezoneId=TIMEZONE)
        self.send("Emulation.setLocaleOverride", locale=LANGUAGE)
        agent = self.run("navigator.userAgent")
        self.send(
            "Network.setUserAgentOverride", userAgent=agent, acceptLanguage=LANGUAGE
        )
        return self

    def __exit__(self, *_error):
        with contextlib.suppress(Exception):
            self._socket.close()
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()

    def _connect(self):
        import websocket

        file = Path(self._folder.name) / "DevToolsActivePort"
        deadline = time.monotonic() + START_SECONDS
        while not (file.exists() and file.read_text().strip()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SetupError("Chromium does not start.", "apt-get install chromium")
            time.sleep(0.1)
        port = file.read_text().split()[0]
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/json", timeout=10
        ) as pages:
            page = next(p for p in json.load(pages) if p["type"] == "page")
        self._socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], timeout=ANSWER_SECONDS, suppress_origin=True
        )

    def send(self, method, **parameters):
        """Call a DevTools method and return its result.

        :raise SetupError: the browser refuses
        """
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise SetupError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def cookie(self, url, name, value):
        """Set a cookie."""
        self.send("Network.setCookie", url=url, name=name, value=value)

    def run(self, script):
        """Run JavaScript and return its value, a promise's too."""
        result = self.send(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in result:
            raise SetupError(f"{script[:80]}: {result['exceptionDetails']['text']}")
        return result["result"].get("value")

    def open(self, url, selector, seconds=30):
        """Open a page and wait until an element is there.

        :raise SetupError: it does not come
        """
        self.send("Page.navigate", url=url)
        self.wait(selector, seconds)

    def wait(self, selector, seconds=30):
        """Wait until an element is there and the page's pictures are loaded."""
        script = (
            f"!!document.querySelector({json.dumps(selector)})"
            " && [...document.images].every((image) => image.complete)"
        )
        deadline = time.monotonic() + seconds
        while True:
            # The page may be between two documents just now.
            with contextlib.suppress(SetupError):
                if self.run(script):
                    break
            if time.monotonic() > deadline:
                raise SetupError(f"{selector} did not appear within {seconds} s.")
            time.sleep(0.1)
        self.run("document.fonts.ready.then(() => true)")
        time.sleep(0.5)  # transitions come to rest

    def save(self, file):
        """Write what is seen as a PNG."""
        result = self.send("Page.captureScreenshot", format="png")
        Path(file).write_bytes(base64.b64decode(result["data"]))
