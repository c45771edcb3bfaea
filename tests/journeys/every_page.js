// What a person who looks at a page would find wrong with it; each answers sentences, none where all is well.
({
  wrong: () => {
    const found = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";

    const root = document.documentElement;
    if (!["zh-CN", "en"].includes(root.lang)) found.push(`no language: ${root.lang}`);
    if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
    if (all("main").length !== 1) found.push("no main landmark");

    const levels = all("h1, h2, h3, h4").filter(shown).map((heading) => Number(heading.tagName[1]));
    levels.forEach((level, at) => {
      if (at && level > levels[at - 1] + 1) found.push(`a heading leaps to h${level}`);
    });

    const names = all("[id]").map((element) => element.id);
    found.push(...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `id twice: ${name}`));
    for (const told of all("[aria-describedby], [aria-labelledby]")) {
      const pointed = [told.getAttribute("aria-describedby"), told.getAttribute("aria-labelledby")].join(" ").split(" ");
      found.push(...pointed.filter((id) => id && !document.getElementById(id)).map((id) => `points nowhere: ${id}`));
    }

    for (const field of all("input:not([type=hidden]), select, textarea")) {
      if (!field.labels.length && !field.ariaLabel) found.push(`no label: ${field.name || field.id}`);
    }
    for (const acting of all("a[href], button")) {
      const named = acting.textContent.trim() || acting.ariaLabel || acting.ariaHidden;
      if (shown(acting) && !named) found.push(`no name: ${acting.outerHTML.slice(0, 80)}`);
    }
    if (all("[tabindex]").some((element) => element.tabIndex > 0)) found.push("a tabindex that breaks the order");

    if (root.scrollWidth > innerWidth) found.push(`scrolls sideways: ${root.scrollWidth}`);
    const bar = document.querySelector(".top-row");
    if (bar && innerWidth >= 1280 && bar.offsetHeight > 60) found.push(`the header wraps: ${bar.offsetHeight}`);
    return found;
  },

  // Words below the contrast of WCAG AA. Colours go through a canvas, which knows every notation of them.
  faint: () => {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const known = {};
    const channels = (colour) => {
      if (!known[colour]) {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        known[colour] = [...pen.getImageData(0, 0, 1, 1).data];
      }
      return known[colour];
    };
    const light = (colour) => {
      const part = (level) => (level <= 0.03928 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4);
      const [red, green, blue] = channels(colour).map((level) => part(level / 255));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if (channels(colour)[3] > 252) return colour;
      }
      return "white";
    };

    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const words = texts.currentNode.textContent.trim();
      if (!words || !element.getClientRects().length || element.closest("script, svg, [disabled]")) continue;
      const style = getComputedStyle(element);
      const [bright, dark] = [light(style.color), light(behind(element))].sort((one, other) => other - one);
      const ratio = (bright + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.6 && style.fontWeight >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) {
        found.add(`faint, ${ratio.toFixed(2)}: ${element.className || element.tagName} ${words.slice(0, 30)}`);
      }
    }
    return [...found];
  },
});
