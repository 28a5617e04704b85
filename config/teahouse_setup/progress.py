"""What the person at the terminal sees, and what goes to the log file."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

TAIL_LINES = 15


class SetupError(Exception):
    """Something a person has to look at.

    :param str problem: what went wrong
    :param str advice: what to do about it
    """

    def __init__(self, problem, advice=""):
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


class Progress:
    """One line for each step, with the seconds it took.

    :param Path log: receives the output of every command that a step runs
    """

    def __init__(self, log, stream=None):
        self._log = Path(log)
        self._stream = stream or sys.stdout
        self._started = time.monotonic()

    @contextlib.contextmanager
    def step(self, title):
        """Time a step; the block may set ``.detail``, shown behind the title."""
        step = _Step(title)
        live = self._stream.isatty()
        if live:
            self._write(f"  …  {title}", end="\r")
        begun = time.monotonic()
        try:
            yield step
        except BaseException:
            self._write(f"  ✗  {step.line()}  ({time.monotonic() - begun:.1f} s)")
            raise
        self._write(f"  ✓  {step.line()}  ({time.monotonic() - begun:.1f} s)")

    def say(self, text=""):
        """Print a line."""
        self._write(text)

    def elapsed(self):
        """Return the seconds since the start."""
        return time.monotonic() - self._started

    def _write(self, text, end="\n"):
        clear = "\x1b[2K" if self._stream.isatty() else ""
        print(f"{clear}{text}", end=end, file=self._stream, flush=True)

    def run(self, command, *, advice="", text="", hide=None, check=True, **options):
        """Run a command with its output in the log file.

        :param str advice: what a person can do when it fails
        :param str text: its standard input
        :param str hide: lines that begin so are secret and stay out of the log
        :return: what it printed on standard output and standard error
        :rtype: str
        :raise SetupError: it failed, with the end of its output
        """
        command = [str(part) for part in command]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(
                command,
                input=text,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                **options,
            )
        except FileNotFoundError as error:
            raise SetupError(f"{command[0]} is not installed.", advice) from error
        with self._log.open("a", encoding="utf-8") as log:
            lines = done.stdout.splitlines(keepends=True)
            shown = (ln for ln in lines if not (hide and ln.startswith(hide)))
            log.write(f"$ {' '.join(command)}\n{''.join(shown)}")
        if check and done.returncode:
            output = done.stdout.strip().splitlines()
            tail = "\n".join(f"    {line}" for line in output[-TAIL_LINES:])
            raise SetupError(
                f"This command failed ({done.returncode}):"
                f" {' '.join(command[:6])}\n{tail}\n  All of it: {self._log}",
                advice,
            )
        return done.stdout


class _Step:
    def __init__(self, title):
        self.title = title
        self.detail = ""

    def line(self):
        return f"{self.title}: {self.detail}" if self.detail else self.title
