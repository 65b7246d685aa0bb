# SPDX-License-Identifier: Apache-2.0
"""A visit as one page to look at: every screen in order, the slip, the portrait, the figures."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

_STYLE = """
body{margin:0;background:#F4F6F8;color:#14212B;font:16px/1.5 "Noto Sans CJK SC",sans-serif}
header,main{padding:20px 28px}header{background:#fff;border-bottom:1px solid #D5DCE2}
h1{font-size:22px;margin:0 0 8px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px}
dt{color:#52626E}dd{margin:0}figure{margin:0;background:#fff;border:1px solid #D5DCE2;padding:8px;
border-radius:10px}figcaption{color:#52626E;font-size:14px}img{max-width:100%;display:block}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(380px,1fr));gap:16px}
"""


def write_page(out: Path, about: str, result: Mapping[str, Any]) -> Path:
    """Writes ``index.html`` into `out`; every picture is named relative to it."""
    seconds = result["seconds"]
    facts = {
        "outcome": result["outcome"],
        "booth number": result["booth_number"],
        "acceptance number": result["acceptance_number"],
        "takes": f"{result['takes']}, chosen {result['chosen']}",
        "fingers": ", ".join(f"{f['position']} {f['result']}" for f in result["fingers"]),
        "seconds": f"{seconds['total']} in all, {seconds['machine']} waiting for the machine",
    }
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in facts.items())
    pictures = [*result["screenshots"], result["receipt"], result["portrait"]]
    figures = "".join(_figure(Path(one).name) for one in pictures if one)
    page = out / "index.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Visit</title>'
        f"<style>{_STYLE}</style><header><h1>{escape(about)}</h1><dl>{rows}</dl></header>"
        f"<main>{figures}</main></html>\n",
        "utf-8",
    )
    return page


def _figure(name: str) -> str:
    quoted = escape(name, quote=True)
    return (
        f'<figure><a href="{quoted}"><img src="{quoted}" alt="{quoted}"></a>'
        f"<figcaption>{quoted}</figcaption></figure>"
    )
