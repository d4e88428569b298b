// What a page must keep, measured in the browser; each gives a list of what is wrong.
({
  // Texts with less than 4.5:1 on what lies behind them.
  contrast() {
    const part = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * part(r / 255) + 0.7152 * part(g / 255) + 0.0722 * part(b / 255);
    const rgb = (text) => text.match(/[\d.]+/g).map(Number);
    const behind = (at) => {
      for (; at; at = at.parentElement) {
        const colour = rgb(getComputedStyle(at).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    const wrong = [];
    for (const at of document.querySelectorAll("body *")) {
      const hasText = [...at.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
      if (!hasText || at.closest("[hidden],.vh,noscript,[aria-disabled=true]") || !at.getClientRects().length) continue;
      const style = getComputedStyle(at);
      // a number on a bar lies on the bar
      const under = at.classList.contains("inv") ? rgb(getComputedStyle(at.previousElementSibling).fill) : behind(at);
      const [more, less] = [light(rgb(at.tagName === "text" ? style.fill : style.color)), light(under)].sort((a, b) => b - a);
      const ratio = (more + 0.05) / (less + 0.05);
      if (ratio < 4.5) wrong.push(`${at.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return wrong;
  },

  // What can be pressed and is smaller than a thumb.
  targets() {
    return [...document.querySelectorAll("a,button,summary,input")]
      .map((at) => [at.textContent.trim(), at.getBoundingClientRect(), at.getClientRects().length])
      .filter(([, box, shown]) => shown && (box.height < 44 || box.width < 44))
      .map(([text, box]) => `${text} ${box.width}x${box.height}`);
  },

  // Controls and pictures without a name, ids that stand twice, headings out of order.
  names() {
    const shown = (query) => [...document.querySelectorAll(query)].filter((at) => at.getClientRects().length);
    const bare = shown("button,a,[role=img]").filter((at) => !(at.getAttribute("aria-label") || at.textContent.trim()));
    const ids = [...document.querySelectorAll("[id]")].map((at) => at.id);
    const levels = shown("h1,h2,h3").map((at) => at.tagName);
    const order = levels[0] === "H1" && levels.filter((level) => level === "H1").length === 1;
    return [...bare.map((at) => at.id), ...ids.filter((id, k) => ids.indexOf(id) < k), ...(order ? [] : [levels.join()])];
  },

  // How far the page is wider than the window.
  sideways() {
    return Math.max(0, document.documentElement.scrollWidth - innerWidth);
  },
})
