"""T33 in a real browser: two hundred hostile texts stand on every page as text, and nothing of them ever runs."""

from itertools import product
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.console.people import come_in, watched
from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Each would set `hit` if it ran; some need a place to break out of.
RUNS = ("window.hit=1", "alert(1)", "document.title='hit'", "fetch('https://evil.example/')")
MARKUP = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<iframe srcdoc='<script>parent.{0}</script>'></iframe>",
    "<details open ontoggle={0}>",
    "<input autofocus onfocus={0}>",
    "<style>@import 'https://evil.example/x.css';</style>{0}",
    "<base href=https://evil.example/>{0}",
    "<meta http-equiv=refresh content='0;url=javascript:{0}'>",
    "<a href=javascript:{0}>here</a>",
    "<template><script>{0}</script></template>",
    "<math><mtext></table><img src onerror={0}>",
    "{{{{ {0} }}}}{{% raw %}}",
    "${{{0}}}%(who)s#{{x}}",
)
BREAKS = ("", "</textarea>", "\"'>", "--></script>", "]]></q></p></li></ol></main>")
#: 300 that differ; two of three are plenty.
HOSTILE = [
    before + markup.format(run)
    for number, (markup, before, run) in enumerate(product(MARKUP, BREAKS, RUNS))
    if number % 3
]


def test_two_hundred_hostile_texts_are_text(browser: "Browser", site: tuple[World, str]) -> None:
    world, address = site
    assert len(set(HOSTILE)) == 200
    names = [{"name": payload[:60]} for payload in HOSTILE[:6]]
    document = world.declare(title=HOSTILE[0][:200], workloads=names)
    output = [{"kind": "output", "name": HOSTILE[3][:100], "content": HOSTILE[4]}]
    for payload in HOSTILE[:-1]:
        world.accepted("ben", document, type="note", comment=payload)
    world.accepted("ben", document, type="note", comment="With evidence", evidence=output)
    document = world.accepted("ann", document, type="confirm", at=document["position"], comment=HOSTILE[5])
    document = world.accepted(
        "ann",
        document,
        type="report_failure",
        at=document["position"],
        comment=HOSTILE[6],
        performed_by=HOSTILE[7][:60],
    )
    here = f"/executions/{document['id']}"
    journal = [f"{here}/journal?after={after}" for after in range(0, 200, 50)]
    pages = ("/", here, f"{here}?kiosk", *journal, f"{here}/journal?line=201", f"{here}/offline?show")
    with watched(browser, address) as context:
        seen = ""
        for path in pages:
            ann = come_in(context, world, "ann", path)
            ann.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            found = ann.page.evaluate("[window.hit ?? null, document.title.startsWith('hit'), location.host]")
            assert found == [None, False, address.removeprefix("http://")]
            strange = "document.querySelectorAll('img, iframe, base, [onload], [onerror], main svg script').length"
            assert ann.page.evaluate(strange) == 0
            seen += ann.page.evaluate("document.body.textContent")
            ann.page.close()
        missing = [payload for payload in HOSTILE[:-1] if payload not in seen]
        assert missing == []
        ann = come_in(context, world, "ann", here)
        expect(ann.page.locator("#pulse")).to_have_text("live")
        world.accepted("ben", document, type="note", comment=HOSTILE[-1])  # laid over by the module, not rendered anew
        expect(ann.page.locator("#lines q").first).to_have_text(HOSTILE[-1])
        ann.send("note", comment=HOSTILE[8])
        expect(ann.page.locator("#lines q").first).to_have_text(HOSTILE[8])
        ann.send("abort", comment=HOSTILE[9], title="not it")
        expect(ann.page.locator("#abort-comment")).to_have_value(HOSTILE[9])
        assert ann.page.evaluate("window.hit ?? null") is None
