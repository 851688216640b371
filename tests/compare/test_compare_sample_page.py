"""A page to the letter, from its body on."""

from __future__ import annotations

from compare.trees import between
from gitagent.cli.compare_views.page import html

OLD = {
    "agent.yaml": "name: desk\nmodel: a\nlanguage: en\nprompt: x\nhours: 9\nspeed: 1.0\n",
    "gone.md": "bye\n",
}
NEW = {
    "agent.yaml": "name: desk\nmodel: a\nlanguage: en\nprompt: x\nhours: 9\nspeed: 1.2\nnew: <b>\n",
    "new.md": "hi\tyou\n",
}
BODY = (
    '<a class="skip" href="#changes">Go to the changes</a>\n'
    "<header>\n"
    "<h1>v3 → v7</h1>\n"
    "<p>3 files changed, 3 lines added, 2 removed</p>\n"
    "</header>\n"
    '<div class="page">\n'
    '<nav aria-labelledby="files"><h2 id="files">Files</h2>\n'
    "<ol>\n"
    '<li><a href="#file-1"><span class="path">agent.yaml</span><span class="tally">'
    '<span class="plus">+2</span> <span class="minus">&minus;1</span></span></a></li>\n'
    '<li><a href="#file-2"><span class="path">gone.md</span>'
    '<span class="tally">deleted <span class="minus">&minus;1</span></span></a></li>\n'
    '<li><a href="#file-3"><span class="path">new.md</span>'
    '<span class="tally">added <span class="plus">+1</span></span></a></li>\n'
    "</ol></nav>\n"
    '<main id="changes">\n'
    '<section id="file-1" aria-labelledby="file-1-name">\n'
    '<h2 id="file-1-name">agent.yaml<span class="tally">'
    '<span class="plus">+2</span> <span class="minus">&minus;1</span></span></h2>\n'
    '<table class="keys">\n'
    "<caption>Keys</caption>\n"
    '<thead><tr><th scope="col">Key</th><th scope="col">Change</th><th scope="col">v3</th>'
    '<th scope="col">v7</th></tr></thead>\n'
    "<tbody>\n"
    '<tr><th scope="row">speed</th><td>changed</td><td class="old"><pre>1.0</pre></td>'
    '<td class="new"><pre>1.2</pre></td></tr>\n'
    '<tr><th scope="row">new</th><td>added</td><td></td><td class="new">'
    "<pre>&quot;&lt;b&gt;&quot;</pre></td></tr>\n"
    "</tbody>\n"
    "</table>\n"
    '<div class="lines sides"><table>\n'
    "<caption>Lines</caption>\n"
    '<colgroup><col class="number"><col><col class="number"><col></colgroup>\n'
    '<thead><tr><th scope="colgroup" colspan="2">v3</th><th scope="colgroup" colspan="2">v7</th>'
    "</tr></thead>\n"
    "</table>\n"
    "<details><summary>… 2 unchanged lines</summary>\n"
    "<table>\n"
    '<colgroup><col class="number"><col><col class="number"><col></colgroup>\n'
    "<tbody>\n"
    '<tr class="same"><td class="number">1</td><td class="text">'
    '<span class="sign" aria-hidden="true"> </span>name: desk</td><td class="number">1</td>'
    '<td class="text"><span class="sign" aria-hidden="true"> </span>name: desk</td></tr>\n'
    '<tr class="same"><td class="number">2</td><td class="text">'
    '<span class="sign" aria-hidden="true"> </span>model: a</td><td class="number">2</td>'
    '<td class="text"><span class="sign" aria-hidden="true"> </span>model: a</td></tr>\n'
    "</tbody>\n"
    "</table>\n"
    "</details>\n"
    "<table>\n"
    '<colgroup><col class="number"><col><col class="number"><col></colgroup>\n'
    "<tbody>\n"
    '<tr class="same"><td class="number">3</td><td class="text">'
    '<span class="sign" aria-hidden="true"> </span>language: en</td><td class="number">3</td>'
    '<td class="text"><span class="sign" aria-hidden="true"> </span>language: en</td></tr>\n'
    '<tr class="same"><td class="number">4</td><td class="text">'
    '<span class="sign" aria-hidden="true"> </span>prompt: x</td><td class="number">4</td>'
    '<td class="text"><span class="sign" aria-hidden="true"> </span>prompt: x</td></tr>\n'
    '<tr class="same"><td class="number">5</td><td class="text">'
    '<span class="sign" aria-hidden="true"> </span>hours: 9</td><td class="number">5</td>'
    '<td class="text"><span class="sign" aria-hidden="true"> </span>hours: 9</td></tr>\n'
    '<tr class="changed"><td class="number old">6</td><td class="text old">'
    '<span class="sign" aria-hidden="true">-</span>'
    '<span class="hidden">removed </span>speed: <del>1.0</del></td><td class="number new">6</td>'
    '<td class="text new"><span class="sign" aria-hidden="true">+</span>'
    '<span class="hidden">added </span>speed: <ins>1.2</ins></td></tr>\n'
    '<tr class="added"><td class="number none"></td><td class="text none"></td>'
    '<td class="number new">7</td><td class="text new">'
    '<span class="sign" aria-hidden="true">+</span>'
    '<span class="hidden">added </span>new: &lt;b&gt;</td></tr>\n'
    "</tbody>\n"
    "</table>\n"
    "</div>\n"
    "</section>\n"
    '<section id="file-2" aria-labelledby="file-2-name">\n'
    '<h2 id="file-2-name">gone.md<span class="tally">deleted <span class="minus">&minus;1</span>'
    "</span></h2>\n"
    '<div class="lines"><table>\n'
    "<caption>Lines in v3</caption>\n"
    '<colgroup><col class="number"><col></colgroup>\n'
    "<tbody>\n"
    '<tr><td class="number old">1</td><td class="text old">'
    '<span class="sign" aria-hidden="true">-</span><span class="hidden">removed </span>bye</td>'
    "</tr>\n"
    "</tbody>\n"
    "</table>\n"
    "</div>\n"
    "</section>\n"
    '<section id="file-3" aria-labelledby="file-3-name">\n'
    '<h2 id="file-3-name">new.md<span class="tally">added <span class="plus">+1</span></span></h2>\n'
    '<div class="lines"><table>\n'
    "<caption>Lines in v7</caption>\n"
    '<colgroup><col class="number"><col></colgroup>\n'
    "<tbody>\n"
    '<tr><td class="number new">1</td><td class="text new">'
    '<span class="sign" aria-hidden="true">+</span>'
    '<span class="hidden">added </span>hi<span class="tab">\t</span>you</td></tr>\n'
    "</tbody>\n"
    "</table>\n"
    "</div>\n"
    "</section>\n"
    "</main>\n"
    "</div>\n"
    "</body>\n"
    "</html>\n"
)


def test_the_body_of_a_page() -> None:
    head, body = html(between(OLD, NEW)).split("<body>\n")

    assert body == BODY
    assert head.startswith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
