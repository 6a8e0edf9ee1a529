"""How a reader of Markdown sees documents: JSON in, a list of texts; JSON out, for each its elements and its text.

    markdown_readers.py cmark-gfm|markdown-it

cmark-gfm is GitHub's, with all that it can do. markdown-it is the Python port, with linkify-it, which makes links of
`example.com` too; Debian's version looks for them in what backslashes have been taken out of.
"""

import html.parser
import json
import subprocess
import sys

BATCH, MARK = 50, "<p>NEXT-DOCUMENT</p>\n"


class Seen(html.parser.HTMLParser):
    """Elements, comments too, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_comment(self, data):
        self.tags.append("comment")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def handle_data(self, data):
        self.words.append(data)


def cmark_gfm(document):
    extensions = [word for name in ("table", "strikethrough", "autolink", "tasklist", "footnotes") for word in ("-e", name)]
    return subprocess.run(["cmark-gfm", "--unsafe", *extensions], input=document.encode(), stdout=subprocess.PIPE,
                          check=True).stdout.decode()


def markdown_it(document):
    global reader
    if "reader" not in globals():
        from markdown_it import MarkdownIt
        reader = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    return reader.render(document)


def pages(documents, render):
    """One process for many documents; where one runs over into the next, one for each."""
    for start in range(0, len(documents), BATCH):
        some = documents[start:start + BATCH]
        parts = render("\n\nNEXT-DOCUMENT\n\n".join(some)).split(MARK)
        yield from parts if len(parts) == len(some) else map(render, some)


def main():
    render = {"cmark-gfm": cmark_gfm, "markdown-it": markdown_it}[sys.argv[1]]
    seen = [Seen(page) for page in pages(json.load(sys.stdin), render)]
    json.dump([{"tags": s.tags, "text": " ".join("".join(s.words).split())} for s in seen], sys.stdout)


main()
