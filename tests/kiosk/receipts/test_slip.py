# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from kiosk.receipts import SlipFacts, build_slip
from kiosk.receipts.blocks import Banner, Kind, Number, Row, Slip, Title
from kiosk.receipts.samples import SAMPLES
from kiosk.receipts.writing import acceptance_groups


def value(slip: Slip, label: str) -> str:
    return next(b.value.first for b in slip.blocks if isinstance(b, Row) and b.label.first == label)


def test_received_and_stored_never_carry_the_same_title_or_state(facts: SlipFacts, said) -> None:
    received, stored = build_slip("received", facts), build_slip("stored", facts)
    assert received.blocks[0] != stored.blocks[0]
    assert "居民身份证领取凭证" in said(received)
    assert "柜台已接收" in said(received)
    assert "本机已存凭条" in said(stored)
    assert "本机已存、尚未到柜台" in said(stored)
    assert not any("已接收" in text for text in said(stored))


def test_a_stored_slip_does_not_show_an_acceptance_number(facts: SlipFacts, said) -> None:
    assert not any("3204020012026120100007" in text for text in said(build_slip("stored", facts)))


def test_a_received_case_that_no_officer_has_accepted_yet_keeps_the_booths_number(
    facts: SlipFacts, said
) -> None:
    lines = said(build_slip("received", replace(facts, acceptance_number="")))
    assert "居民身份证领取凭证" in lines
    assert "B03-261201-0007-K" in lines
    assert "受理号" not in lines
    with pytest.raises(ValueError, match="booth's number"):
        build_slip("received", replace(facts, acceptance_number="", booth_number=""))


@pytest.mark.parametrize("number", ["320402001202612010000", "B03-261201-0007-K", "1" * 23])
def test_a_malformed_acceptance_number_is_never_printed(facts, number: str) -> None:
    with pytest.raises(ValueError, match="22 digits"):
        build_slip("received", replace(facts, acceptance_number=number))


def test_a_stored_slip_needs_the_booths_number(facts: SlipFacts) -> None:
    with pytest.raises(ValueError, match="booth's number"):
        build_slip("stored", replace(facts, booth_number=""))


def test_the_acceptance_number_is_grouped_as_the_standard_reads_it() -> None:
    assert acceptance_groups("3204020012026120100007") == ("320402", "001", "20261201", "00007")


@pytest.mark.parametrize("kind", ["received", "stored"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_neither_full_name_nor_full_number_reaches_paper(facts, kind, lang, said) -> None:
    everything = " ".join(said(build_slip(kind, facts, lang)))
    assert "张静" not in everything
    assert "张*" in everything
    assert facts.citizen_number not in everything
    assert "341522**********25" in everything


def test_the_state_stands_right_under_the_title(facts: SlipFacts) -> None:
    kinds = [type(block) for block in build_slip("received", facts).blocks]
    assert kinds[:3] == [Title, Banner, Number]


@pytest.mark.parametrize(
    ("state", "fen", "zh"),
    [
        ("paid", 2000, "20 元 · 已付"),
        ("due", 4000, "40 元 · 到窗口付"),
        ("waiver", 1050, "10.50 元 · 减免到窗口办"),
        ("none", 0, "不收费"),
    ],
)
def test_the_fee_line_tells_what_is_still_to_do(facts, state, fen, zh) -> None:
    slip = build_slip("received", replace(facts, fee_state=state, fee_fen=fen))
    assert value(slip, "费用") == zh


@pytest.mark.parametrize(
    ("fingers", "result", "zh"),
    [
        (("right-thumb", "left-thumb"), "registered", "右手拇指、左手拇指"),
        (("left-index",), "failed", "左手食指；注册失败，领证时核对照片"),
        ((), "none", "未注册，领证时核对照片"),
    ],
)
def test_the_finger_line_names_fingers_or_the_status(facts, fingers, result, zh) -> None:
    slip = build_slip("received", replace(facts, fingers=fingers, finger_result=result))
    assert value(slip, "指纹") == zh


def test_after_a_loss_nobody_is_asked_for_the_old_card(facts: SlipFacts) -> None:
    assert "旧证" in value(build_slip("received", facts), "请带")
    assert "旧证" not in value(build_slip("received", replace(facts, matter="lost")), "请带")


def test_a_card_by_post_is_not_collected_at_the_station(facts: SlipFacts, said) -> None:
    slip = build_slip("received", replace(facts, pickup="post"))
    assert "EMS" in value(slip, "领取")
    assert not any(text == "请带" for text in said(slip))


def test_english_stands_beside_chinese_and_never_alone(facts: SlipFacts, said) -> None:
    slip = build_slip("received", facts, "en")
    texts = said(slip)
    assert {"居民身份证领取凭证", "ID card collection slip", "30 January 2027"} <= set(texts)


def test_a_reprint_says_so(facts: SlipFacts, said) -> None:
    assert any("补打" in text for text in said(build_slip("received", replace(facts, reprint=1))))
    assert not any("补打" in text for text in said(build_slip("received", facts)))


def test_only_eight_characters_of_the_hash_are_shown(facts: SlipFacts, said) -> None:
    everything = " ".join(said(build_slip("received", facts)))
    assert "3f9a1c02" in everything
    assert "3f9a1c0245" not in everything


def test_an_unknown_matter_is_an_error_and_not_a_hole(facts: SlipFacts) -> None:
    with pytest.raises(KeyError):
        build_slip("received", replace(facts, matter="gift"))


def test_facts_in_a_log_or_a_traceback_show_nobody(facts: SlipFacts) -> None:
    assert facts.name not in repr(facts)
    assert facts.citizen_number not in repr(facts)


NUMBERED = [kind for kind in Kind if kind not in (Kind.RECEIVED, Kind.STORED)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", Kind)
def test_no_slip_shows_a_person_beyond_the_masked_name_and_number(kind, lang, said) -> None:
    everything = " ".join(said(build_slip(kind, SAMPLES[kind], lang)))
    assert "张静" not in everything
    assert "341522199811070025" not in everything
    assert "19981107" not in everything
    assert "0025" not in everything


@pytest.mark.parametrize(
    "kind",
    [Kind.FOUND, Kind.PHOTO_CODE, Kind.TICKET, Kind.PROGRESS, Kind.REFERRAL, Kind.WINDOW],
)
def test_slips_that_others_may_see_name_nobody_at_all(kind, said) -> None:
    everything = " ".join(said(build_slip(kind, SAMPLES[kind], "en")))
    assert "*" not in everything
    assert "姓名" not in everything


@pytest.mark.parametrize("kind", Kind)
def test_every_slip_has_a_title_of_its_own_in_both_languages(kind) -> None:
    titles = [build_slip(k, SAMPLES[k], "en").blocks[0] for k in Kind]
    assert all(isinstance(title, Title) and title.words.second for title in titles)
    assert titles.count(build_slip(kind, SAMPLES[kind], "en").blocks[0]) == 1


@pytest.mark.parametrize("kind", NUMBERED)
def test_a_slip_is_made_of_its_own_facts_only(kind, facts) -> None:
    with pytest.raises(TypeError, match="is made of"):
        build_slip(kind, facts)


def test_an_unknown_kind_is_refused(facts) -> None:
    with pytest.raises(ValueError, match="gift"):
        build_slip("gift", facts)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.LOSS, {"loss_number": "", "booth_number": "B03-261201-0008-M"}),
        (Kind.WITHDRAWAL, {"received": False}),
        (Kind.RECAPTURE, {"received": False}),
    ],
)
def test_what_the_counter_does_not_know_yet_is_called_stored_here(kind, change, said) -> None:
    sure = build_slip(kind, SAMPLES[kind])
    unsure = build_slip(kind, replace(SAMPLES[kind], **change))
    assert "本机已存、尚未到柜台" in said(unsure)
    assert "本机已存、尚未到柜台" not in said(sure)
    assert [b.solid for s in (sure, unsure) for b in s.blocks if isinstance(b, Banner)] == [
        True,
        False,
    ]
    done = {"已登记挂失", "挂失已撤销", "柜台已接收"}
    assert done & set(said(sure))
    assert not done & set(said(unsure))


def test_a_loss_report_without_any_number_is_not_printed() -> None:
    with pytest.raises(ValueError, match="booth's number"):
        build_slip(Kind.LOSS, replace(SAMPLES[Kind.LOSS], loss_number=""))


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        (Kind.LOSS, {"loss_number": "123"}, "20 digits"),
        (Kind.FOUND, {"find_number": "3204020012026120100007"}, "20 digits"),
        (Kind.COLLECTED, {"acceptance_number": "1"}, "22 digits"),
        (Kind.PHOTO_CODE, {"code": "a b"}, "4 to 24"),
        (Kind.TICKET, {"number": "张静"}, "queue number"),
        (Kind.TICKET, {"ahead": -1}, "nobody"),
        (Kind.REFERRAL, {"phone": "-"}, "3 to 15"),
        (Kind.WINDOW, {"payment": "N/A"}, "hex"),
        (Kind.RECAPTURE, {"record_hash": "ZZ"}, "hex"),
    ],
)
def test_a_malformed_number_never_reaches_paper(kind, change, why) -> None:
    with pytest.raises(ValueError, match=why):
        build_slip(kind, replace(SAMPLES[kind], **change))


def test_a_taken_again_photo_costs_nothing_and_keeps_the_number(said) -> None:
    slip = build_slip(Kind.RECAPTURE, SAMPLES[Kind.RECAPTURE])
    assert value(slip, "费用") == "不再收费"
    assert value(slip, "补采") == "照片"
    assert "3204020012026120100007" in said(slip)


def test_a_collection_says_what_became_of_the_old_card_and_how_long_the_new_one_lasts() -> None:
    slip = build_slip(
        Kind.COLLECTED, replace(SAMPLES[Kind.COLLECTED], old_card="cut", valid_until=None)
    )
    assert value(slip, "旧证") == "已剪角，由本人留存"
    assert value(slip, "有效期至") == "长期"


def test_a_ticket_is_called_by_its_number_and_opens_its_case(said) -> None:
    slip = build_slip(Kind.TICKET, SAMPLES[Kind.TICKET])
    called, case = (block for block in slip.blocks if isinstance(block, Number))
    assert (called.groups, called.payload) == (("A023",), "")
    assert case.payload == "C7M4-K2QX"
    assert value(slip, "前面等候") == "4 人"


@pytest.mark.parametrize(
    "kind",
    [k for k in Kind if k not in (Kind.TICKET, Kind.PROGRESS, Kind.REFERRAL, Kind.WINDOW)],
)
def test_every_kept_slip_tells_its_further_copies(kind, said) -> None:
    again = said(build_slip(kind, replace(SAMPLES[kind], reprint=3)))
    assert "补打 第 3 次" in again


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (Kind.RECEIVED, "matter", ("expiry", "damaged", "lost")),
        (Kind.RECEIVED, "fee_state", ("paid", "due", "waiver", "none")),
        (Kind.RECEIVED, "finger_result", ("registered", "failed", "none")),
        (Kind.RECAPTURE, "part", ("photo", "fingers")),
        (Kind.COLLECTED, "checked_by", ("staff", "left-little", "right-index")),
        (Kind.COLLECTED, "old_card", ("returned", "lost", "cut", "none")),
        (Kind.LOSS, "ground", ("lost", "stolen")),
        (Kind.TICKET, "business", ("expiry", "damaged", "lost", "other")),
    ],
)
def test_every_word_that_facts_may_hold_is_said_differently(kind, name, values) -> None:
    slips = [build_slip(kind, replace(SAMPLES[kind], **{name: one}), "en") for one in values]
    assert len({slip.blocks for slip in slips}) == len(values)
