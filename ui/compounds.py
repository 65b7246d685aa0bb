# SPDX-License-Identifier: Apache-2.0
"""Chinese words of the booth that a heading's line does not end within.

Chinese may break between any two characters, but a large heading of two lines reads badly when it
breaks inside a word. The list holds what the headings are made of; a word that is missing only
breaks as any Chinese text does.
"""

_LINES = (
    "身份证 居民 自助 换领 办理 办好 证件 工作人员 派出所 公安机关 柜台 窗口 本机",
    "信息 这些 什么 怎么 右手 左手 拇指 食指 中指 环指 小指 手指 指纹 抬起 平放",
    "蓝色 读卡区 读卡器 请稍等 准备 正在 清除 照片 拍照 相机 镜头 一张 哪一张",
    "这张 重拍 喜欢 推荐 手机号 手机 号码 收件 地址 邮寄 领取 方式 付款 扫码",
    "费用 减免 证明 到期 签名 提交 确认 保存 加密 发送 请看 看一遍 然后 凭条",
    "出纸口 取走 没有 可以 需要 用到 最早 最晚 物品 随身 屏幕 继续 结束 再按",
    "一次 放好 不要 移动 请用 请把 请在 请到 打印 原因 小窗 停住 别动",
)
COMPOUNDS = frozenset(word for line in _LINES for word in line.split())
LONGEST = max(map(len, COMPOUNDS))


def cut(words: str) -> list[str]:
    """The letters of `words` with those of a known compound together; the longest one wins."""
    found: list[str] = []
    at = 0
    while at < len(words):
        # A slice at the end may be shorter than n: it is a listed word all the same.
        length = next(
            (
                n
                for n in range(LONGEST, 1, -1)
                if words[at : at + n] in COMPOUNDS and at + n <= len(words)
            ),
            1,
        )
        found.append(words[at : at + length])
        at += len(found[-1])
    return found
