"""Varied lines for the tokenizer's tests, generated from a seed. make.py writes them to lines.jsonl."""

import random

PEOPLE = ["Ana", "Björn", "Chidi", "Dorota", "Émile", "Fatima", "Grzegorz", "Hana", "Ísak", "José", "Kwame", "李雷"]
VERBS = ["ship", "review", "postpone", "rewrite", "measure", "deprecate", "approve", "cancel", "budget for", "demo"]
THINGS = [
    "the release", "the Q3 budget", "API v2.1", "the on-call rota", "ticket #4821", "the GDPR audit", "the data-set",
    "our O(n²) merge", "the roll-out", "€12,500 of hardware", "the naïve baseline", "that 0.5% regression",
]
WHEN = ["by Friday", "on 2024-11-03", "at 14:30", "tomorrow", "next sprint", "before the freeze", "in 3 weeks", "ASAP"]
FILLERS = ["um,", "you know,", "I mean,", "so, uh,", "right —", "well…", "yeah.", "hmm,", "okay so", "[laughs]"]

WORLD = [
    "会議は来週の月曜日に延期されました。", "請確認第三季的預算，謝謝！", "我们决定周五之前发布新版本。", "회의록을 오늘 안에 공유해 주세요.",
    "اتفقنا على تأجيل الإصدار إلى الأسبوع القادم.", "هل يمكنك مراجعة الميزانية؟ ١٢٣٤", "סיכמנו לדחות את ההשקה לשבוע הבא.",
    "हमने अगले हफ़्ते तक काम पूरा करने का निर्णय लिया।", "เราตกลงกันว่าจะเลื่อนการเปิดตัวออกไป", "Chúng ta sẽ họp lại vào thứ Sáu.",
    "Мы решили перенести выпуск на пятницу.", "Αποφασίσαμε να αναβάλουμε την κυκλοφορία.", "Toplantı yarın saat üçte başlıyor.",
    "Zażółć gęślą jaźń.", "Příliš žluťoučký kůň úpěl ďábelské ódy.", "Größenänderung: Straße, Maß, Fuß.", "ትናንት ስብሰባ ነበረን።",
    "நாளை கூட்டம் நடைபெறும்.", "Հանդիպումը վաղն է։", "შეხვედრა ხვალ არის.", "ការប្រជុំនឹងធ្វើនៅថ្ងៃស្អែក។", "བོད་སྐད་", "ᚠᚢᚦᚨᚱᚲ", "𐎀𐎁𐎂", "𒀀𒀁",
]
EMOJI = [
    "👍", "👍🏽", "👨‍👩‍👧‍👦", "👩🏾‍💻", "🏳️‍🌈", "🇩🇪🇯🇵", "1️⃣", "🧑‍🤝‍🧑", "❤️‍🔥", "🫠", "🙈🙉🙊", "☕️", "✅", "🚀🚀🚀", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🫱🏻‍🫲🏿",
]
CODE = [
    "for (int i = 0; i < n; ++i) { sum += a[i]; }", "def f(x):\n    return x ** 2  # square\n", "let x = y ?? z!.w\n\t\t\treturn nil",
    "SELECT * FROM t WHERE a <> 'b' AND c IS NULL;", "if a <- b then { c |> d } else e", "git rebase -i HEAD~3 && make -j8 2>&1 | tee log",
    '{"key": [1, 2.5e-3, null], "s": "\\u00e9\\n"}', "#include <vector>\ntemplate <class T> struct S {};\n", "x = `${a}:${b}`;",
    "\\frac{\\partial L}{\\partial w} \\leq 10^{-6}", "0xDEADBEEF 0b1010 1_000_000 3.14159f", "^(?:[a-z]+\\d{2,})$", "C:\\Temp\\new\\table.txt",
    "https://example.org/a%20b?q=1&r=%E2%82%AC#frag", "user.name+tag@example.co.uk", "std::vector<std::pair<int, int>>",
]
HTML = [
    "<table><tr><th>Owner</th><td>Ana</td></tr></table>", "<h1>Minutes</h1><ul><li>one</li><li>two</li></ul>", "<b>bold</b> and <i>it</i>",
    "<a>link</a><img><code>x < y</code>", "</div></body></html>", "<strong><em>!</em></strong>", "<tr ><td>", "< table >", "<s>old</s><sub>2</sub>",
    "<TABLE>", "<a href='x'>y</a>", "<<b>>", "<b<b>b>", "<h7>", "<span>  two  </span>",
]
MARKS = ["e\u0301", "a\u0308\u0323", "n\u0303o", "Z\u0351\u0343a\u0334l\u0321g\u0360o\u035f", "क्ष", "ﷺ", "ﬁ", "Å", "\u212b", "ǆ", "½", "²", "Ⅷ", "①", "㍿", "ｆｕｌｌ"]
ODD = [
    "\u00a0", "\u200b", "\u200d", "\ufeff", "\u2028", "\u3000", "\u00ad", "\x00", "\x01", "\x1b[0m", "\x7f", "\u0085", "\ufffd", "\uffff", "\ue000",
    "\U0010ffff", "\U000e0001", "\r\n", "\r", "\v", "\f", "\u202e", "\U0001d54f", "\U00020000", "\U0001f9ff", "⁂", "‽", "※", "¶", "\u0378",
]
# In a transcript, these are text. The reference implementations differ on those that a vocabulary declares as
# user-defined, so the comparison uses a vocabulary in which such pieces are control pieces.
CONTROL = [
    "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused0>", "<unused12>", "<unused99>", "[multimodal]",
    "<start_of_image>", "<end_of_image>", "<0x0A>", "<0x00>", "[@BOS@]", "<2mass>",
]


def lines():
    """Returns (text, is_control) pairs, which are the same on every machine."""
    rng = random.Random(20240607)
    out = [("", False)]

    def add(text, control=False):
        out.append((text, control))

    def talk():
        who, other = rng.sample(PEOPLE, 2)
        shape = rng.randrange(6)
        verb, thing, when = rng.choice(VERBS), rng.choice(THINGS), rng.choice(WHEN)
        if shape == 0:
            return f"{who}: {rng.choice(FILLERS)} we should {verb} {thing} {when}."
        if shape == 1:
            return f"[{rng.randrange(3):02}:{rng.randrange(60):02}:{rng.randrange(60):02}] {who}: Can {other} {verb} {thing}?"
        if shape == 2:
            return f"{other.upper()} — {rng.choice(FILLERS)} I can't {verb} {thing} {when}; {who} might've…"
        if shape == 3:
            return f"ACTION({who}): {verb} {thing}, {when} ({rng.randrange(1, 40)} h)"
        if shape == 4:
            return f"{rng.randrange(10**6)}\n00:{rng.randrange(60):02}:01.000 --> 00:{rng.randrange(60):02}:04.500\n<v {who}>{thing}"
        return f"“{rng.choice(FILLERS)} {thing}?” said {who}'s {other}, “{verb} it {when}!”"

    for _ in range(700):
        add(talk())
    for _ in range(300):
        add(rng.choice(WORLD) + rng.choice(["", " ", "\n"]) + rng.choice(WORLD + EMOJI + MARKS))
    for _ in range(150):
        add(" ".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 4))) + rng.choice(["", "!", " ok"]))
    for _ in range(150):
        add(rng.choice(CODE) + rng.choice(["", "\n", "  ", "\t"]) + rng.choice(CODE + HTML))
    for _ in range(120):
        add("".join(rng.choice(HTML + [" ", "\n", "text"]) for _ in range(rng.randint(1, 3))))
    for kind in (" ", "\t", "\n"):
        for count in list(range(1, 41)) + [62, 63, 64, 93, 100, 255]:
            add(kind * count)
    for _ in range(200):
        runs = (rng.choice(" \t\n") * rng.choice([1, 1, 2, 3, 5, 17, 33]) + rng.choice(["", "a", "x1", "é", "<b>", "字"]) for _ in range(4))
        add("".join(runs))
    for _ in range(150):
        add(rng.choice(["", "a", " "]) + rng.choice(MARKS) + rng.choice(ODD) + rng.choice(["", "b", " c"]) + rng.choice(ODD + MARKS))
    for _ in range(150):
        digits = str(rng.randrange(10 ** rng.randint(1, 18)))
        add(rng.choice([digits, f"{int(digits):,}", f"-{digits}.{digits[:3]}", f"{digits}%", f"${digits}", f"1{'0' * len(digits)}", f"{digits}th"]))
    for _ in range(100):  # anything at all: every plane, no surrogates, no U+2581 (it stands for the space)
        points = (rng.choice([rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0x3000), rng.randrange(0x110000)]) for _ in range(12))
        add("".join(chr(p) for p in points if not 0xD800 <= p < 0xE000 and p != 0x2581))
    add("a" * 1000)
    add("na" * 400)
    add("".join(rng.choice("abcdefghij ") for _ in range(3000)))
    for token in CONTROL:
        for shape in ("{}", "a{}b", " {} ", "{}\n{}", "Ana: {}user says", "<{}>"):
            add(shape.format(token, token), True)
    return out
