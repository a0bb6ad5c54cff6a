"""Run as a program: subset one font file and pack it. Apart from Django, so that it starts fast and alone."""

import os
import signal
import sys
from pathlib import Path

from fontTools import subset

FEATURES = "kern,liga,calt,ccmp,locl,mark,mkmk,tnum,cv11,ss03"


def pack(source: Path, target: Path, letters: str) -> None:
    beside = target.with_suffix(f".{os.getpid()}")
    words = [str(source), f"--output-file={beside}", "--flavor=woff2", f"--unicodes={letters}"]
    subset.main([*words, f"--layout-features={FEATURES}"])
    beside.replace(target)


if __name__ == "__main__":
    os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # stopped with the rest by Ctrl+C, without a word
    pack(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
