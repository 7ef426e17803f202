// Opens pages in Chromium and says what they are like. Usage: node browser.js CHROMIUM PROFILE.
// A question is a line of JSON on standard input, its answer a line on standard output.
// The packages puppeteer-core and axe-core must be found by require.
"use strict";
const fs = require("fs");
const readline = require("readline");
const puppeteer = require("puppeteer-core");
const axeSource = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What is wider than the window.
async function layout(page) {
  return await page.evaluate(() => {
    const wide = [...document.body.querySelectorAll("*")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.right > innerWidth + 0.5 && !e.closest(".quiet, .skip");
    });
    return { scroll: document.documentElement.scrollWidth, window: innerWidth, wide: wide.map((e) => e.outerHTML.slice(0, 200)) };
  });
}

// What axe-core has to say, by all its rules, those that are off by default included.
async function axe(page) {
  await page.evaluate(axeSource);
  return await page.evaluate(async () => {
    const rules = window.axe.getRules().map((r) => [r.ruleId, { enabled: true }]);
    const result = await window.axe.run(document, { rules: Object.fromEntries(rules), resultTypes: ["violations", "incomplete"] });
    // Left undecided are arrows and numbers of one character, and the days of the month that a
    // narrow window does not show since they are empty.
    const unclear = (check) => ["nonBmp", "shortTextContent"].includes(check.data ? check.data.messageKey : "");
    result.incomplete.forEach((v) => (v.nodes = v.nodes.filter((n) => !n.any.every(unclear) || n.any.length === 0)));
    result.incomplete = result.incomplete.filter((v) => v.id !== "hidden-content" && v.nodes.length > 0);
    const tell = (list) => list.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join(" | "));
    return { violations: tell(result.violations), incomplete: tell(result.incomplete), passes: result.passes.length };
  });
}

// What can be found out of an open page.
const asks = {
  // The text of the page as it is seen, and its address.
  async text(page) {
    return { text: await page.evaluate(() => document.body.innerText.replace(/\n+/g, "\n")), url: page.url() };
  },

  layout,

  // What is wider than the window, and what hinders people.
  async audit(page) {
    return Object.assign(await layout(page), await axe(page));
  },

  // Where the focus goes with the TAB key, from the top until it leaves the page, and
  // everything that it should come to.
  async tab(page) {
    const all = await page.evaluate(() => {
      const reachable = [...document.querySelectorAll("a[href], button, input, select, summary")].filter((e) => e.type !== "hidden" && e.checkVisibility());
      reachable.forEach((e, i) => (e.dataset.stop = i));
      return reachable.map((e) => e.dataset.stop);
    });
    const stops = [], unseen = [];
    for (let i = 0; i < all.length + 5; i++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body || e.dataset.stop === undefined) return null;
        const style = getComputedStyle(e), box = e.getBoundingClientRect();
        const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        const inside = box.width > 1 && box.height > 1 && box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight;
        return { stop: e.dataset.stop, seen: outlined && inside, outlined, size: [box.width, box.height], at: [box.left, box.top], what: e.outerHTML.slice(0, 150) };
      });
      if (!stop) break;
      stops.push(stop.stop);
      if (!stop.seen || stop.size[0] < 24 || stop.size[1] < 24) unseen.push(stop);
    }
    return { all, stops, unseen };
  },

  // Whether the first link leads past everything else, into the calendar.
  async skip(page) {
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    return { text: first, stops: await page.evaluate(() => [document.activeElement.closest("main") ? "main" : "elsewhere"]) };
  },

  // Follows the link with that text, by the keyboard.
  async follow(page, question) {
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press("Tab");
      const text = await page.evaluate(() => document.activeElement.textContent);
      if (text.includes(question.link)) {
        await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
        return { url: page.url(), text: await page.evaluate(() => document.body.innerText.replace(/\n+/g, "\n")) };
      }
    }
    throw new Error("no link has the text " + question.link);
  },

  // Chooses a time zone in the form, by the keyboard.
  async choose(page, question) {
    await page.focus("#tz");
    await page.keyboard.type(question.zone);
    await page.keyboard.press("Tab");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    return { url: page.url(), text: await page.evaluate(() => document.body.innerText.replace(/\n+/g, "\n")) };
  },

  // The text that is printed.
  async print(page) {
    await page.emulateMediaType("print");
    return await asks.text(page);
  },

  // Whether something of an entry was run.
  async executed(page) {
    return await page.evaluate(() => ({ global: typeof window.executed, elements: document.querySelectorAll("img, svg, iframe, b, script[src]").length }));
  },

  // A picture of the page.
  async picture(page, question) {
    await page.screenshot({ path: question.file, fullPage: true });
    return {};
  },
};

async function answer(browser, question) {
  const page = await browser.newPage();
  const answer = { dialogs: [], errors: [], requests: [] };
  try {
    page.on("dialog", (d) => { answer.dialogs.push(d.message()); d.dismiss(); });
    page.on("console", (m) => answer.errors.push(m.text()));
    page.on("pageerror", (e) => answer.errors.push(String(e)));
    page.on("request", (r) => answer.requests.push(r.url()));
    page.setDefaultTimeout(120_000); // the machine may have much to do
    await page.setViewport({ width: question.width || 1280, height: 800 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: question.dark ? "dark" : "light" }]);
    await page.setJavaScriptEnabled(!question.noScript);
    // A page that leads on by itself is waited for; the others are there when they are loaded.
    await page.goto(question.url, { waitUntil: question.settles ? "networkidle0" : "load" });
    Object.assign(answer, await asks[question.ask](page, question));
  } catch (e) {
    answer.failed = String(e.stack);
  } finally {
    await page.close();
  }
  return answer;
}

async function main() {
  const browser = await puppeteer.launch({
    executablePath: process.argv[2], userDataDir: process.argv[3], timeout: 120_000,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      process.stdout.write(JSON.stringify(await answer(browser, JSON.parse(line))) + "\n");
    }
  } finally {
    await browser.close();
  }
}

main().catch((e) => { console.error(e); process.exit(1); });
