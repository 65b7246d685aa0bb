# SPDX-License-Identifier: Apache-2.0
"""Views of the staff's pages, as the steps make them."""

from kiosk.facts import Facts
from kiosk.steps.staff import StaffDevicesStep, StaffMenuStep, StaffPinStep
from kiosk.view import View


def views() -> dict[str, View]:
    """One of every state."""
    well = Facts()
    ill = Facts(closing=("panel.key_open", "idreader.unplugged"), limiting=("printer.paper_out",))
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
