(() => {
  const paper = getComputedStyle(document.body).backgroundColor;
  const numbers = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const parts = numbers(getComputedStyle(e).backgroundColor);
      if (parts.length === 3 || parts[3] === 1) return getComputedStyle(e).backgroundColor;
    }
    return paper;
  };
  const visible = (e) => e.getClientRects().length > 0 && !e.closest('.unseen') && !e.closest('title') && !e.closest('desc');
  const ownText = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '');
  const result = { width: document.documentElement.scrollWidth, charts: [], faint: [], overlaps: [], texts: 0, drawn: 0, paper };

  for (const e of document.body.querySelectorAll('*')) {
    if (!ownText(e) || !visible(e)) continue;
    result.texts++;
    const style = getComputedStyle(e);
    const ratio = contrast(e.ownerSVGElement ? style.fill : style.color, behind(e));
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) result.faint.push(`${e.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }

  for (const chart of document.querySelectorAll('svg[role=img]')) {
    const box = chart.getBoundingClientRect();
    if (box.width > 200 && box.height > 60) result.drawn++;
    else result.charts.push(`${chart.getAttribute('aria-labelledby')} ${box.width} x ${box.height}`);
    const texts = [...chart.querySelectorAll('text')].filter(visible).map((e) => [e.textContent, e.getBoundingClientRect()]);
    const legend = chart.closest('figure') ? [...chart.closest('figure').querySelectorAll('.legend li, figcaption p')] : [];
    for (const e of legend) {
      const q = e.getBoundingClientRect();
      for (const [a, p] of texts) {
        if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1) result.overlaps.push(`${a} / legend ${e.textContent.trim()}`);
      }
    }
    texts.forEach(([a, p], i) => {
      if (p.left < 0 || p.right > window.innerWidth + 0.5) result.overlaps.push(`${a} leaves the page`);
      for (const [b, q] of texts.slice(i + 1)) {
        const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (across > 1 && down > 4) result.overlaps.push(`${a} / ${b}`);
      }
    });
  }
  return result;
})()
