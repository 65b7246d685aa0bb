# SPDX-License-Identifier: Apache-2.0
"""What paper and screens show of a person: enough to know one's own, too little for others.

Law on resident ID cards, articles 6 and 13: personal data of an application is confidential.
"""

# Family names of two characters still borne, after the Hundred Family Surnames (百家姓) and common
# later ones. A name not listed here loses its second character, which is the cautious side.
_NAMES = (
    "欧阳 上官 皇甫 令狐 诸葛 司徒 司马 申屠 夏侯 贺兰 完颜 慕容 "
    "尉迟 长孙 东方 南宫 百里 端木 公孙 独孤 宇文 澹台 公冶 宗政 "
    "濮阳 淳于 单于 太叔 仲孙 轩辕 钟离 闾丘 鲜于 亓官 司寇 司空 "
    "赫连 呼延 拓跋 万俟 闻人 公羊 巫马 西门 东郭 第五 纳兰 爱新"
)
COMPOUND_NAMES = frozenset(_NAMES.split(" "))
INTERPUNCTS = "\u00b7\u2027\u2022\u30fb"


def masked_name(name: str) -> str:
    """The family name and a star for every further character.

    Names written with an interpunct (given name, father's name) have no family name: their first
    character stays, and the interpunct, so that the holder knows the name. Empty for empty.
    """
    name = name.strip()
    keep = 1
    if len(name) > 2 and name[:2] in COMPOUND_NAMES:
        keep = 2
    return name[:keep] + "".join(
        letter if letter in INTERPUNCTS or letter == " " else "*" for letter in name[keep:]
    )


def masked_number(number: str) -> str:
    """A citizen number with its ten middle digits as stars; anything else becomes stars entirely.

    The area and the last two characters stay. The last four, which progress queries ask for, do
    not.
    """
    if len(number) != 18:
        return "*" * len(number)
    return number[:6] + "*" * 10 + number[16:]
