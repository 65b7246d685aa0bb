# SPDX-License-Identifier: Apache-2.0
"""Views of the staff's pages, as the steps make them."""

from kiosk.facts import DeviceWord, Facts
from kiosk.steps.staff import StaffDevicesStep, StaffMenuStep, StaffPinStep
from kiosk.view import View

DEVICES = ("panel", "camera", "idreader", "fingerprint", "printer", "speaker", "staffcard", "clock")


def views() -> dict[str, View]:
    """One of every state."""
    well = Facts(devices=tuple(DeviceWord(device=one, state="ready") for one in DEVICES))
    reasons = {"idreader": "idreader.unplugged", "printer": "printer.paper_out"}
    ill = Facts(
        closing=("panel.key_open", "idreader.unplugged"),
        limiting=("printer.paper_out",),
        devices=tuple(
            DeviceWord(device=one, state="ill", reason=reasons[one])
            if one in reasons
            else DeviceWord(device=one, state="absent" if one == "staffcard" else "ready")
            for one in DEVICES
        ),
    )
    asked = StaffPinStep(in_visit=False, doing="ask", tries_left=3)
    again = StaffPinStep(in_visit=True, doing="ask", tries_left=2, code="staffcard.wrong_pin")
    stopped = StaffPinStep(in_visit=True, doing="stop", code="staffcard.last_try")
    return {
        "staff-look": StaffPinStep(in_visit=False).view(well),
        "staff-pin": asked.view(well),
        "staff-pin-again": again.view(well),
        "staff-stopped": stopped.view(well),
        "staff-menu": StaffMenuStep(in_visit=False).view(well),
        "staff-here": StaffMenuStep(in_visit=True).view(well),
        "staff-devices": StaffDevicesStep(in_visit=False).view(ill),
        "staff-devices-well": StaffDevicesStep(in_visit=False).view(well),
    }
