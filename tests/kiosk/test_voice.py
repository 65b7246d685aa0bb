# SPDX-License-Identifier: Apache-2.0
"""What is said of a screen, what never is, and when each sentence is begun."""

from dataclasses import fields, is_dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import flow
from kiosk.events import (
    HealthChanged,
    Pressed,
    StaffCame,
    StaffLeft,
    Touched,
    VoiceChosen,
    VoiceFitted,
)
from kiosk.journeys import RENEW
from kiosk.texts import words
from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    Money,
    Role,
    Row,
    Rows,
    Screen,
    Text,
    View,
    text,
)
from kiosk.voice import Say, Talk, heading, speakable, thing_to_do, where_to_press

SECTION = text("section.photo")
PHOTO = View(
    Screen.PHOTO,
    text("photo.heading"),
    SECTION,
    lines=(text("photo.taken", count=2),),
    buttons=(Button("shoot", text("photo.shoot"), Role.SHUTTER),),
)
FAR = Advice(text("photo.far.remedy"), text("photo.far"))
TILT = Advice(text("photo.tilted.remedy"), text("photo.tilted"))


def photo(advice: Advice | None) -> View:
    return replace(PHOTO, advice=advice)


def keys(said: Say | None) -> list[str] | None:
    return None if said is None else [one.key for one in said.texts]


def talking(view: View = PHOTO, at: float = 100.0) -> Talk:
    talk = Talk()
    talk.shown(view, "zh", on=True, now=at)
    return talk


# -- what


def test_a_name_a_number_a_date_and_a_count_are_never_said() -> None:
    for secret in ("张静", "341522199811070025", date(1998, 11, 7), 3):
        assert not speakable(text("rules.sample", value=secret))
        assert not speakable(text("outer", inner=text("inner", value=secret)))
    assert speakable(text("fingers.press", finger=text("finger.right-thumb")))
    assert speakable(text("fee.heading", fee=Money(2000)))


def test_rows_and_masked_values_are_no_part_of_speech() -> None:
    rows = Rows((Row(text("row.name"), "张静", "张*"), Row(text("row.number"), text("inner"))))
    view = View(Screen.DETAILS, text("details.heading"), SECTION, content=rows)
    assert heading(view) + thing_to_do(view) == (text("details.heading"),)


def test_reason_and_remedy_are_said_instead_of_the_lines() -> None:
    assert [one.key for one in thing_to_do(photo(FAR))] == ["photo.far", "photo.far.remedy"]
    view = View(Screen.CARD, text("identify.heading"), SECTION, lines=(text("identify.line"),))
    assert [one.key for one in thing_to_do(view)] == ["identify.line"]


def test_the_place_of_the_main_button_is_named() -> None:
    view = View(
        Screen.CHOICE,
        text("overlay.help.heading"),
        SECTION,
        content=Choices((Choice("a", text("menu.renew")), Choice("b", text("menu.lost")))),
        buttons=(Button("close", text("frame.next"), Role.PRIMARY),),
    )
    said = [words(one, "zh") for one in where_to_press(view)]
    assert said == ["换新证", "丢失补领", "继续，请按屏幕右下角"]
    assert [one.key for one in where_to_press(PHOTO)] == ["voice.press.shutter"]
    off = replace(PHOTO, buttons=(replace(PHOTO.buttons[0], enabled=False),))
    assert where_to_press(off) == ()


def test_the_last_seconds_are_asked_about_once_while_they_count_down() -> None:
    talk = talking()
    assert talk.take(100.3, speaking=False) is not None
    for second in range(30):
        view = replace(PHOTO, leaving_s=30 - second)
        talk.shown(view, "zh", on=True, now=110.0 + second)
    said = [talk.take(110.0 + tenth / 10, speaking=False) for tenth in range(110)]
    assert [keys(one) for one in said if one] == [[], ["chrome.leaving", "voice.stay"]]


# -- when


def test_a_screen_is_said_once_it_has_settled() -> None:
    talk = talking(photo(FAR))
    assert talk.take(100.29, speaking=False) is None
    assert talk.next_at(speaking=False) == pytest.approx(100.3)
    said = talk.take(100.3, speaking=False)
    assert keys(said) == ["photo.heading", "photo.far", "photo.far.remedy"]
    assert said is not None
    assert said.language == "zh"
    assert talk.take(100.4, speaking=True) is None


def test_a_screen_that_flashes_by_is_not_begun() -> None:
    talk = talking()
    talk.shown(View(Screen.WAIT, text("eligibility.heading"), SECTION), "zh", on=True, now=100.2)
    assert keys(talk.take(100.35, speaking=False)) == []
    assert keys(talk.take(100.5, speaking=False)) == ["eligibility.heading"]


def test_new_advice_alone_is_said_without_the_heading() -> None:
    talk = talking(photo(FAR))
    talk.take(100.3, speaking=False)
    talk.shown(photo(TILT), "zh", on=True, now=102.0)
    assert keys(talk.take(102.3, speaking=True)) == ["photo.tilted", "photo.tilted.remedy"]


def test_a_new_heading_stops_at_once_what_is_being_said() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.shown(View(Screen.WAIT, text("eligibility.heading"), SECTION), "zh", on=True, now=101.0)
    assert talk.next_at(speaking=True) == 0.0
    assert keys(talk.take(101.0, speaking=True)) == []


def test_a_sentence_that_comes_back_waits_four_seconds() -> None:
    talk = talking(photo(FAR))
    talk.take(100.3, speaking=False)
    talk.shown(photo(TILT), "zh", on=True, now=101.0)
    talk.take(101.3, speaking=True)
    talk.shown(photo(FAR), "zh", on=True, now=102.0)
    assert talk.take(102.5, speaking=False) is None
    assert talk.next_at(speaking=False) == pytest.approx(104.3)
    assert keys(talk.take(104.3, speaking=False)) == ["photo.far", "photo.far.remedy"]


def test_after_twelve_seconds_of_silence_the_screen_and_its_button_are_said_again() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.ended(103.0)
    assert talk.take(114.9, speaking=False) is None
    assert keys(talk.take(115.0, speaking=False)) == ["photo.heading", "voice.press.shutter"]
    talk.ended(119.0)
    assert talk.take(131.0, speaking=False) is not None
    talk.ended(134.0)
    assert talk.take(500.0, speaking=False) is None, "twice is enough in a hall"


def test_a_touch_puts_the_repetition_off() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.touched(110.0)
    assert talk.take(121.9, speaking=False) is None
    assert talk.take(122.0, speaking=False) is not None


def test_the_welcome_is_said_only_to_somebody_who_has_come() -> None:
    welcome = View(Screen.WELCOME, text("welcome.heading"), SECTION, lines=(text("welcome.line"),))
    talk = talking(welcome)
    assert talk.take(160.0, speaking=False) is None
    talk.welcome(200.0)
    assert keys(talk.take(200.0, speaking=False)) == ["welcome.heading", "welcome.line"]
    assert talk.take(300.0, speaking=False) is None


def test_switching_the_voice_off_stops_it_and_on_again_says_the_screen() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.shown(PHOTO, "zh", on=False, now=101.0)
    assert keys(talk.take(101.0, speaking=True)) == []
    talk.shown(photo(FAR), "zh", on=False, now=102.0)
    assert talk.take(140.0, speaking=False) is None
    talk.shown(photo(FAR), "zh", on=True, now=150.0)
    assert keys(talk.take(150.3, speaking=False)) == [
        "photo.heading",
        "photo.far",
        "photo.far.remedy",
    ]


def test_another_language_says_the_screen_in_it() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.shown(PHOTO, "en", on=True, now=101.0)
    talk.take(101.0, speaking=True)
    said = talk.take(101.3, speaking=False)
    assert said == Say((text("photo.heading"),), "en")


def test_the_keypads_mark_is_read_at_once_and_personal_words_never() -> None:
    talk = talking()
    talk.take(100.3, speaking=False)
    talk.focused(text("frame.help"), 101.0)
    assert keys(talk.take(101.0, speaking=True)) == ["frame.help"]
    talk.focused(text("frame.leave"), 101.2)
    talk.focused(text("frame.help"), 101.4)
    assert keys(talk.take(101.4, speaking=True)) == ["frame.help"]
    talk.focused(text("row", value="张静"), 102.0)
    assert talk.take(102.0, speaking=True) is None


ADVICES = (None, FAR, TILT)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 3.0), st.sampled_from(ADVICES), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_the_guidance_does_no_sentence_is_begun_twice_within_four_seconds(
    changes: list[tuple[float, Advice | None, bool]],
) -> None:
    talk, now, begun = talking(at=0.0), 0.0, {}
    for wait, advice, speaking in changes:
        talk.shown(photo(advice), "zh", on=True, now=now)
        end = now + wait
        while now < end:
            said = talk.take(now, speaking=speaking)
            for one in said.texts if said else ():
                assert now - begun.get(one, -9.0) >= 4.0 - 1e-6
                begun[one] = now
            now += 0.05


# -- in a visit


def test_a_visit_knows_whether_the_voice_is_on_and_the_citizen_may_switch_it() -> None:
    visit, _ = flow.begin(RENEW, flow.Limits())
    assert flow.view(visit).voice is None
    for event, voice in (
        (VoiceFitted(True), True),
        (VoiceChosen(False), False),
        (VoiceFitted(False), None),
        (VoiceFitted(True), False),
        (VoiceChosen(True), True),
    ):
        visit, issued = flow.step(visit, event)
        assert (flow.view(visit).voice, issued) == (voice, ())


def test_staffs_own_pages_are_silent() -> None:
    visit, _ = flow.begin(RENEW, flow.Limits())
    for event in (HealthChanged(), VoiceFitted(True)):
        visit, _ = flow.step(visit, event)
    assert flow.view(visit).voice is True
    visit, _ = flow.step(visit, StaffCame())
    assert flow.view(visit).step_name.startswith("staff")
    assert flow.view(visit).voice is None
    visit, _ = flow.step(visit, StaffLeft())
    assert flow.view(visit).voice is True


def _texts(value: object) -> list[Text]:
    if isinstance(value, Text):
        return [value]
    if isinstance(value, tuple):
        return [found for one in value for found in _texts(one)]
    if is_dataclass(value) and not isinstance(value, type):
        return [found for one in fields(value) for found in _texts(getattr(value, one.name))]
    return []


def test_what_is_said_stands_on_the_screen() -> None:
    visit, _ = flow.begin(RENEW, flow.Limits())
    visit, _ = flow.step(visit, HealthChanged())
    for event in (Touched(), Pressed(visit.question, "start")):
        visit, _ = flow.step(visit, event)
        view = flow.view(visit)
        assert set(heading(view) + thing_to_do(view)) <= set(_texts(view))
        assert heading(view)
