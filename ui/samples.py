# SPDX-License-Identifier: Apache-2.0
"""One realistic view of every screen, for the contact sheet and the tests of the layouts."""

from dataclasses import replace
from datetime import date

from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    Field,
    FingerSheet,
    Form,
    Money,
    Payment,
    ReviewSheet,
    Role,
    Row,
    Rows,
    Screen,
    SlipSheet,
    Tone,
    View,
    Waiting,
    WipeSheet,
    text,
)
from ui import samples_bins, samples_photo, samples_staff

STAFF = Button("staff", text("frame.staff"), Role.STAFF)
HELP = Button("help", text("frame.help"), Role.TOP)
LEAVE = Button("leave", text("frame.leave"), Role.TOP)
BACK = Button("back", text("frame.back"), Role.BACK)
STAY = Button("stay", text("frame.stay"), Role.PRIMARY)
FRAME = (BACK, STAFF, HELP, LEAVE)


def primary(ident: str, key: str, enabled: bool = True) -> Button:
    """A primary button."""
    return Button(ident, text(key), Role.PRIMARY, enabled)


def secondary(ident: str, key: str) -> Button:
    """A secondary button."""
    return Button(ident, text(key), Role.SECONDARY)


def rows() -> tuple[Row, ...]:
    """A citizen's rows; the number is a made-up one."""
    return (
        Row(text("details.name"), "张静", "张*"),
        Row(text("details.number"), "110101 19980711 0023", "1101 ** **** **** 0023"),
        Row(
            text("details.sex_ethnicity"),
            text("details.sex_ethnicity.value", sex=text("sex.2"), ethnicity="汉"),
        ),
        Row(
            text("details.address"),
            "安徽省六安市霍邱县范桥乡范桥村民组 118 号 3 单元 502 室",
            "安徽省六安市******",
        ),
        Row(text("details.end"), text("details.until", date=date(2027, 3, 5))),
    )


def review_rows() -> tuple[Row, ...]:
    """What is signed."""
    return (
        Row(text("details.name"), "张静", "张*"),
        Row(text("details.number"), "110101 19980711 0023", "1101 ** **** **** 0023"),
        Row(text("review.kind"), text("kind.expiry")),
        Row(text("review.fee"), text("review.fee.paid", fee=Money(2000))),
        Row(text("review.delivery"), text("review.station")),
        Row(text("review.slot1"), text("finger.right-thumb")),
        Row(text("review.slot2"), text("finger.left-thumb")),
    )


def views() -> dict[str, View]:
    """Name to view: every screen at least once, and the states that matter."""
    renew = text("section.renew")
    said: dict[str, View] = {}
    said["welcome"] = View(
        Screen.WELCOME,
        text("welcome.heading"),
        text("section.booth"),
        lines=(text("welcome.line"),),
        picture="booth",
        buttons=(primary("start", "welcome.start"),),
    )
    said["menu"] = View(
        Screen.MENU,
        text("menu.heading"),
        text("section.booth"),
        lines=(text("menu.line"),),
        content=Choices(
            tuple(
                Choice(ident, text(f"menu.{ident}"), text(f"menu.{ident}.line"), icon)
                for ident, icon in (
                    ("renew", "card"),
                    ("lost", "search"),
                    ("collect", "enter"),
                    ("progress", "clock"),
                )
            )
        ),
        buttons=FRAME,
    )
    said["consent"] = View(
        Screen.CONSENT,
        text("consent.heading"),
        renew,
        lines=tuple(text(f"consent.line{n}") for n in (1, 2, 3, 4)),
        step=(1, 8),
        buttons=(
            Button("no", text("consent.no"), Role.BACK),
            STAFF,
            HELP,
            LEAVE,
            primary("yes", "consent.yes"),
        ),
    )
    said["card"] = View(
        Screen.CARD,
        text("identify.heading"),
        renew,
        lines=(text("identify.line"),),
        advice=Advice(text("card.moved.remedy"), text("card.moved")),
        picture="card-on-reader",
        step=(2, 8),
        buttons=(*FRAME, secondary("no-card", "identify.no_card")),
    )
    said["wait"] = View(
        Screen.WAIT,
        text("submit.heading"),
        renew,
        lines=(text("submit.line"),),
        content=Waiting(4.0),
        step=(3, 8),
        buttons=(STAFF,),
    )
    said["refusal"] = View(
        Screen.REFUSAL,
        text("rule.N03"),
        renew,
        lines=(
            text("refusal.from", date=date(2027, 3, 5)),
            text("refusal.ends", date=date(2027, 6, 5)),
        ),
        advice=Advice(text("refusal.kept"), tone=Tone.CALM),
        picture="calendar",
        step=(3, 8),
        buttons=(
            STAFF,
            HELP,
            LEAVE,
            secondary("print", "refusal.print"),
            primary("end", "refusal.end"),
        ),
    )
    said["refusal-paid"] = View(
        Screen.REFUSAL,
        text("post.full"),
        renew,
        lines=(
            text("rule.M01.remedy"),
            text("refusal.paid", fee=Money(2000), number="3f9a1c02"),
        ),
        advice=Advice(text("refusal.look"), text("receipt.unproven"), icon="paper"),
        picture="booth",
        buttons=(
            STAFF,
            HELP,
            LEAVE,
            secondary("print", "refusal.print"),
            primary("end", "refusal.end"),
        ),
    )
    said["trouble"] = View(
        Screen.REFUSAL,
        text("fingerprint.unplugged"),
        renew,
        lines=(text("trouble.kept.photo"),),
        advice=Advice(text("trouble.try"), tone=Tone.CALM, icon="clock"),
        picture="hands",
        buttons=(
            Button("give-up", text("trouble.window"), Role.BACK),
            STAFF,
            HELP,
            LEAVE,
            primary("retry", "trouble.again"),
        ),
    )
    said["details"] = View(
        Screen.DETAILS,
        text("details.heading"),
        renew,
        lines=(text("details.take_card"),),
        advice=Advice(
            text("details.possible", fee=Money(2000), date=date(2027, 1, 30)),
            tone=Tone.GOOD,
            icon="tick",
        ),
        content=Rows(rows()),
        step=(3, 8),
        buttons=(*FRAME, secondary("wrong", "details.wrong"), primary("right", "details.right")),
    )
    said |= samples_staff.views()
    said |= samples_bins.views()
    said |= samples_photo.views(FRAME, STAFF, HELP, LEAVE)
    said["finger"] = View(
        Screen.FINGER,
        text("fingers.press2", finger=text("finger.right-thumb")),
        text("section.fingers"),
        lines=(text("fingers.line"),),
        advice=Advice(text("finger.too_dry.remedy"), text("finger.too_dry"), icon="wind"),
        content=FingerSheet("right-thumb", 2, 1),
        step=(5, 8),
        buttons=(*FRAME, secondary("hurt", "fingers.hurt"), secondary("none", "fingers.none")),
    )
    said["finger-left"] = View(
        Screen.FINGER,
        text("fingers.lift", finger=text("finger.left-index")),
        text("section.fingers"),
        lines=(text("fingers.line"),),
        content=FingerSheet("left-index", 1, 0, True, ("right-thumb",)),
        step=(5, 8),
        buttons=(*FRAME, secondary("hurt", "fingers.hurt"), secondary("none", "fingers.none")),
    )
    said["choice"] = View(
        Screen.CHOICE,
        text("fee.heading", fee=Money(2000)),
        text("section.fee"),
        lines=(text("fee.line"),),
        advice=Advice(text("fee.declined.remedy"), text("fee.declined")),
        content=Choices(
            (
                Choice("qr", text("fee.qr"), text("fee.qr.line"), "qr"),
                Choice("waiver", text("fee.waiver"), text("fee.waiver.line"), "paper"),
                Choice("window", text("fee.window"), text("fee.window.line"), "person"),
            )
        ),
        step=(6, 8),
        buttons=FRAME,
    )
    said["choice-five"] = View(
        Screen.CHOICE,
        text("fingers.why", hand=text("hand.right")),
        text("section.fingers"),
        lines=(text("fingers.why.line"),),
        content=Choices(
            tuple(
                Choice(why, text(f"fingers.why.{why}"))
                for why in ("missing", "injured", "worn", "skin", "other")
            )
        ),
        step=(5, 8),
        buttons=(*FRAME, secondary("try", "fingers.why.try")),
    )
    said["form"] = View(
        Screen.FORM,
        text("delivery.phone.heading"),
        text("section.delivery"),
        lines=(
            text("delivery.address", address="安徽省六安市霍邱县范桥乡范桥村民组 118 号"),
            text("delivery.elsewhere"),
        ),
        content=Form((Field("phone", text("delivery.phone"), "phone", "1381234", 11),)),
        step=(6, 8),
        buttons=(*FRAME, primary("enter", "delivery.phone.enter")),
    )
    said["form-letters"] = View(
        Screen.FORM,
        text("delivery.phone.heading"),
        text("section.delivery"),
        content=Form(
            (
                Field("code", text("details.number"), "text", "E12345678", 20),
                Field("phone", text("delivery.phone"), "phone", "", 11),
            )
        ),
        step=(6, 8),
        buttons=(*FRAME, primary("enter", "delivery.phone.enter")),
    )
    said["pay"] = View(
        Screen.PAY,
        text("fee.pay.heading"),
        text("section.fee"),
        lines=(text("fee.pay.line"),),
        content=Payment(
            "https://pay.example/t/0197f3b2c8de7cc9a1b2c3d4e5f60718",
            Money(2000),
            text("fee.pay.waiting"),
        ),
        step=(6, 8),
        buttons=(STAFF, HELP, LEAVE, Button("other", text("fee.pay.other"), Role.BACK)),
    )
    said["review"] = View(
        Screen.REVIEW,
        text("review.heading"),
        text("section.review"),
        content=ReviewSheet(review_rows(), "take-1", text("review.sentence")),
        step=(7, 8),
        buttons=(*FRAME, secondary("clear", "review.clear"), primary("sign", "review.sign")),
    )
    end = primary("end", "receipt.end")
    said["slip"] = View(
        Screen.SLIP,
        text("receipt.take"),
        text("section.receipt"),
        lines=(text("receipt.latest", date=date(2027, 1, 30)), text("receipt.belongings")),
        content=SlipSheet(True, "3204020012026120100007", "slip"),
        step=(8, 8),
        buttons=(STAFF, end),
    )
    said["slip-stored"] = View(
        Screen.SLIP,
        text("receipt.no_paper"),
        text("section.receipt"),
        lines=(text("receipt.stored.line"), text("receipt.belongings")),
        advice=Advice(text("receipt.photograph"), text("printer.paper_out"), icon="paper"),
        content=SlipSheet(False, "B03-261201-0042-K", "", False, "B03-261201-0042-K"),
        step=(8, 8),
        buttons=(secondary("print", "receipt.again"), STAFF, end),
    )
    said["wipe"] = View(
        Screen.WIPE,
        text("wipe.heading.received"),
        text("section.booth"),
        lines=(text("wipe.belongings"),),
        content=WipeSheet(
            tuple(
                (text(f"wipe.{item}"), item in ("photo", "fingers"))
                for item in ("photo", "fingers", "name", "signature")
            )
        ),
        buttons=(primary("end", "wipe.end", enabled=False),),
    )
    said["leaving"] = View(
        Screen.CARD,
        text("identify.heading"),
        renew,
        lines=(text("identify.line"),),
        picture="card-on-reader",
        step=(2, 8),
        leaving_s=24,
        buttons=(*FRAME, secondary("no-card", "identify.no_card"), STAY),
    )
    # A booth with a voice: its button takes room in the top bar of every screen.
    return {name: replace(view, voice=True) for name, view in said.items()}
