"""Claims: functions with a sentence and a deadline, tried in order."""

import signal
import time
import traceback

CLAIMS = []
# Times what a claim takes on a fast machine at the most: no claim is about speed, and machines differ.
PATIENCE = 4
# Seconds that anything at all may take.
LEAST = 30


class Overdue(BaseException):
    """Not an Exception, so that nothing on the way takes it for an ordinary failure."""


def claim(sentence: str, within: float, is_vital: bool = False):
    """within: seconds on a fast machine. is_vital: where it does not hold, none of those after it is tried."""
    def keep(function):
        CLAIMS.append((sentence, within * PATIENCE, is_vital, function))
        return function
    return keep


def expect(holds, otherwise: str):
    """An assertion that says what is wrong; works under python -O too."""
    if not holds:
        raise AssertionError(otherwise)


def eventually(question, seconds: float, otherwise: str):
    """Asks until the answer is true, and returns it. seconds: on a fast machine. The claim's deadline holds too."""
    seconds = max(seconds * PATIENCE, LEAST)
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"not within {seconds} s: {otherwise}")
        time.sleep(0.05)


def overdue(*_):
    raise Overdue()


def try_all(subject, chosen: list[str]) -> tuple[int, int]:
    """Each claim's line goes to standard output. After a failure the rest is still tried,
    if it was not a vital one.

    A claim may return a remark (a figure) for its line. Returns how many passed and failed.
    """
    passed = failed = 0
    signal.signal(signal.SIGALRM, overdue)
    for sentence, within, is_vital, function in CLAIMS:
        if chosen and function.__name__ not in chosen:
            continue
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, within)
        try:
            remark = function(subject)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except (Exception, Overdue) as error:
            signal.setitimer(signal.ITIMER_REAL, 0)
            failed += 1
            words = f"not done within {within} s" if isinstance(error, Overdue) else f"{error}" or repr(error)
            print(f"FAIL  {sentence} ({time.monotonic() - start:.1f} s)", flush=True)
            for line in words.splitlines():
                print(f"      {line}", flush=True)
            if not isinstance(error, AssertionError):
                place = traceback.extract_tb(error.__traceback__)
                print("      at " + ", ".join(f"{frame.name}:{frame.lineno}" for frame in place[1:4]), flush=True)
            if is_vital:
                print("      without it, none of the others is tried", flush=True)
                return passed, failed
        else:
            passed += 1
            print(f"PASS  {sentence} ({time.monotonic() - start:.1f} s)" + (f": {remark}" if remark else ""), flush=True)
    return passed, failed
