"""BCF as VCF text, by the ``view`` of the bcftools that pysam carries, in a child process: its C state outlives a call.

Run as a module, this file is that child: ``python -m varde.genome.bcf_text`` turns BCF on standard input into text on
standard output. It is given no file name, so that no name can mean anything to htslib.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, BinaryIO, cast


class BcfText:
    """The child process and its text. Without a path the compressed bytes are handed on from ``compressed``."""

    def __init__(self, path: Path | None, compressed: object) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        entrance = subprocess.PIPE if path is None else path.open("rb")
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "varde.genome.bcf_text"],
                stdin=entrance,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
            )
        finally:
            if not isinstance(entrance, int):
                entrance.close()
        self.stream = cast(BinaryIO, self._child.stdout)
        if path is None:
            Thread(target=self._feed, args=(compressed,), daemon=True).start()

    def _feed(self, compressed: BinaryIO) -> None:
        entrance = cast(IO[bytes], self._child.stdin)
        with suppress(BrokenPipeError):  # the child may end early; it says why, or nobody reads on
            try:
                while piece := compressed.read(1 << 16):
                    entrance.write(piece)
            finally:
                entrance.close()

    def finish(self) -> str | None:
        """Waits for the child; None, or what it complained of."""
        if self._child.wait() == 0:
            return None
        self._complaints.seek(0)
        lines = [line for line in self._complaints.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit code {self._child.returncode}"

    def close(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        self.stream.close()
        self._complaints.close()


def main() -> int:
    """Writes the text of the BCF on standard input; 1 when bcftools refuses it, its words on standard error."""
    from pysam import bcftools
    from pysam.utils import SamtoolsError

    try:
        bcftools.view("--no-version", "-", catch_stdout=False)
    except SamtoolsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
