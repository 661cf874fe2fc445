# SPDX-License-Identifier: BSD-2-Clause
"""Kinds of faults for chaos.py: blobs that come to a bad end, and a QEMU that stands still for good."""
import signal
import time

from chaos_run import ENDS, LONGEST, Loss, guest_processes, send_all

# blobs/chaos: the words for it when it happens at boot, and the verdict when it does in sbi.base.get_impl_id
BAD_ENDS = {
    "hang": ("it hung", "HANG"),
    "sleep": ("it hung", "HANG"),
    "traps": ("it hung", "HANG"),
    "nowhere": ("it hung", "HANG"),  # the board's triple fault: no handler can be fetched
    "reset": ("it reset the machine", "CRASH"),
    "off": ("it switched the machine off", "CRASH"),
    "flood": ("it wrote to the console without end", "HANG"),
}
SHORT = (("traps", "boot"), ("flood", "boot"), ("nowhere", "call"), ("reset", "call"), ("sleep", "call"))
VICTIM = "sbi.base.get_impl_id"
AT_CALL = "sbi.base.get_*:boundary:*"


def at_boot(run, words):
    if run.do("run", "--blob", str(run.blob), "-o", "run") != 1:
        raise Loss(f"not told as the blob's doing: {run.said()}")
    run.one_line("the blob never came to the probe", words)
    if run.rundir.exists():
        raise Loss("a run directory without a run is left")


def at_call(run, verdict):
    if run.do("run", "--blob", str(run.blob), "--filter", AT_CALL, "-o", "run") != 1:
        raise Loss(f"not told as the blob's doing: {run.said()}")
    run.nothing_half_written()
    found = {entry["name"]: entry["verdict"] for entry in run.seen()["entries"]}
    if found.pop(VICTIM) != verdict:
        raise Loss(f"{VICTIM} is no {verdict}")
    for name, other in found.items():
        if other in ("HANG", "CRASH", "BROKEN"):
            raise Loss(f"{name} is {other}, which did nothing")


def bad_ends(campaign):
    cases = SHORT if campaign.short else [(end, when) for end in BAD_ENDS for when in ("boot", "call")]
    longest = [0.0, ""]

    def come_to(run, case):
        end, when = case
        words, verdict = BAD_ENDS[end]
        run.blob = ENDS / f"{end}-at-{when}.bin"
        begin = time.monotonic()
        if when == "boot":
            at_boot(run, words)
        else:
            at_call(run, verdict)
        longest[:] = max(longest, [time.monotonic() - begin, f"{end} at {when}"])
        return True

    campaign.each("blobs that come to a bad end", cases, come_to, lambda: f"   slowest: {longest[1]}, {longest[0]:.1f} s")


def freeze_once(campaign):
    """At a random moment, and for good: after 20 s without an answer others take the place of these QEMUs, and nothing is missing."""
    def freeze_all(run, code, expected, length):
        process = run.start()
        time.sleep(campaign.random.random() * length)
        stopped = send_all(guest_processes(process.pid), signal.SIGSTOP)
        ended = run.end(process)
        run.none_left(process.pid)
        run.same(expected, ended, code)
        return bool(stopped)

    campaign.many("guest: SIGSTOP for good", 20, freeze_all)


def broken_only(run):
    """What nobody answered for is BROKEN, and nothing is blamed on the blob."""
    if not (run.rundir / "report.json").exists():
        run.one_line()
        return
    summary = run.seen()["summary"]
    if not summary.get("BROKEN") or summary.get("HANG") or summary.get("CRASH"):
        raise Loss(f"the host's fault is blamed on the blob: {summary}")


def freeze_all_of_them(campaign):
    """Every QEMU, soon after it is there: nobody's fault but the host's."""
    def freeze_each(run, _code, _expected, _length):
        process, end = run.start(), time.monotonic() + LONGEST
        while process.poll() is None and time.monotonic() < end:
            send_all(guest_processes(process.pid), signal.SIGSTOP)
            time.sleep(0.1)
        ended = run.end(process)
        run.none_left(process.pid)
        run.nothing_half_written()
        if ended != 3:
            raise Loss(f"ended with {ended}: {run.said()}")
        broken_only(run)
        return True

    campaign.many("guest: SIGSTOP for every one", 4, freeze_each)


def frozen(campaign):
    if not campaign.short:  # test_guest.c has three of them
        freeze_once(campaign)
        freeze_all_of_them(campaign)


KINDS = {"ends": bad_ends, "frozen": frozen}
