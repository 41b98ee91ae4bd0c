// The state of things: the link to the hub, the post's queue, escalations, what is on its way.
import { el } from "./dom.js";
import { digits, t, word } from "./strings.js";
import { long, milliseconds, short, span } from "./dates.js";
import { outboxList } from "./outbox.js";

export function stateView({ link, post, escalations, silent, outbox, stream, start, places, now, thread }) {
  const line = (name, value) => (value === null || value === undefined ? [] : [el("dt", {}, t(`state.${name}`)), el("dd", {}, value)]);
  return [
    el("h2", { tabIndex: -1, id: "panel-title" }, t("state.title")),
    el("section", {}, el("h3", {}, t("state.link")), el("dl.facts", {},
      line("hub", el("span.link-word", { data: { state: link.state ?? "wait" } }, t(`link.${link.state ?? "wait"}`))),
      line("since", link.since && digits(long(milliseconds(link.since)))),
      line("heartbeat", link.heartbeat && t("ago", { span: span(now - milliseconds(link.heartbeat)) })),
      line("reason", link.state === "down" && link.reason ? el("span", { lang: "en" }, link.reason) : null),
      line("held", t("state.held-count", { n: digits(stream.size) })),
      line("identity", el("span", { lang: "en" }, [start.identity, start.version].filter(Boolean).join(" · "))))),
    post ? el("section", {}, el("h3", {}, t("state.post", { name: post.name })), el("dl.facts", {},
      line("hub", word("post-link", post.link)),
      line("reason", post.link !== "up" && post.reason ? el("span", { lang: "en" }, post.reason) : null),
      line("waiting", digits(post.waiting)),
      line("rejected", post.rejected ? digits(post.rejected) : null),
      line("oldest", post.oldest ? short(milliseconds(post.oldest)) : null))) : null,
    el("section", {}, el("h3", {}, t("state.escalations")),
      escalations.length
        ? el("ul.links", {}, escalations.map((one) => el("li", { data: { level: one.level } }, el("a", { href: `#${one.id}` }, word("escalation", one.level)), " · ",
            one.provinces.map((slug) => places.name(places.bySlug.get(slug) ?? places.byCode.get(slug)).text).join(", "), " · ", short(milliseconds(one.at)))))
        : el("p.muted", {}, t("state.no-escalation"))),
    silent ? el("section", {}, el("h3", {}, t("state.silent")),
      silent.length
        ? el("ul.links.silent", {}, silent.map((one) => el("li", {}, el("span", { lang: "en" }, one.post), " · ",
            t("state.silent-since", { time: short(milliseconds(one.since)), span: span(now - milliseconds(one.since)) }))))
        : el("p.muted", {}, t("state.no-silent"))) : null,
    start.may.write || start.may.ack ? el("section", {}, el("h3", {}, t("outbox.title")), outboxList(outbox, thread)) : null,
  ];
}
