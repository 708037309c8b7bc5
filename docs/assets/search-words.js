// What the search says. Kinds and importance read as on the pages.

const WORDS = {
  zh: {
    all: "全部",
    searching: "正在搜索…",
    hint: "可以搜索文字、路径、标识符、作者、PR 编号、日期或 SHA",
    found: (count, since) => `${since ? `${since} 以来` : ""}找到 ${count} 条`,
    close: (since) => `${since ? `${since} 以来` : ""}没有完全匹配的结果，以下是相近的结果`,
    none: (since) => `${since ? `${since} 以来` : ""}没有找到`,
    partly: (since) => `在能读取的部分中，${since ? `${since} 以来` : ""}没有找到`,
    broken: ({ first, last }) => `${first} 至 ${last} 的索引无法读取。`,
    older: "搜索更早的提交",
    more: "显示更多",
    every: (count) => `在搜索页查看全部 ${count} 条`,
    failed: "搜索索引无法读取。",
    looking: "正在归档中查找这个提交…",
    several: "以这个 SHA 开头的提交：",
    asked: "要找的是：",
    suggest: (query) => `搜索“${query}”`,
    suggestRepository: (repository) => `${repository} 的归档`,
    noDay: "归档中没有这一天的页面。",
    query: "搜索内容",
    results: "搜索结果",
    reset: "清除筛选",
    facets: {
      repository: "仓库",
      kind: "变更类型",
      importance: "重要程度",
      breaking: "破坏性变更",
      year: "年份",
      author: "作者",
      order: "排序",
    },
    order: { "": "最相关的在前", newest: "最新的在前" },
    breaking: { yes: "是", unclear: "不明确" },
    breakingMark: "💥 破坏性",
    kind: {
      feature: "功能增强",
      fix: "Bug修复",
      performance: "性能优化",
      refactor: "重构",
      docs: "文档",
      test: "测试",
      config: "配置",
      dependency: "依赖更新",
      ci: "CI",
      security: "安全",
      revert: "回滚",
      other: "其他",
    },
    importance: { high: "🔴高", medium: "🟡中", low: "🟢低" },
  },
  en: {
    all: "All",
    searching: "Searching…",
    hint: "Search for words, a path, an identifier, an author, a PR number, a date or a SHA",
    found: (count, since) => (count === 1 ? "1 result" : `${count} results`) + (since ? ` since ${since}` : ""),
    close: (since) => `Nothing matches exactly${since ? ` since ${since}` : ""}; these are close`,
    none: (since) => `Nothing found${since ? ` since ${since}` : ""}`,
    partly: (since) => `Nothing found in what could be read${since ? ` since ${since}` : ""}`,
    broken: ({ first, last }) => `The index from ${first} to ${last} cannot be read.`,
    older: "Search older commits",
    more: "Show more",
    every: (count) => `All ${count} results on the search page`,
    failed: "The search index cannot be read.",
    looking: "Looking for this commit in the archive…",
    several: "Commits that begin with this SHA:",
    asked: "Looked for:",
    suggest: (query) => `Search for “${query}”`,
    suggestRepository: (repository) => `The archive of ${repository}`,
    noDay: "The archive has no page of this day.",
    query: "Search for",
    results: "Results",
    reset: "Clear filters",
    facets: {
      repository: "Repository",
      kind: "Kind",
      importance: "Importance",
      breaking: "Breaking",
      year: "Year",
      author: "Author",
      order: "Order",
    },
    order: { "": "Best first", newest: "Newest first" },
    breaking: { yes: "yes", unclear: "unclear" },
    breakingMark: "💥 breaking",
    kind: {
      feature: "Feature",
      fix: "Fix",
      performance: "Performance",
      refactor: "Refactor",
      docs: "Docs",
      test: "Test",
      config: "Config",
      dependency: "Dependency",
      ci: "CI",
      security: "Security",
      revert: "Revert",
      other: "Other",
    },
    importance: { high: "🔴 High", medium: "🟡 Medium", low: "🟢 Low" },
  },
};

export const words = WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

/** Say what a search came to, and how far back it looked. */
export function describe(search) {
  const { since, failed } = search;
  const broken = failed.map(words.broken).join(" ");
  if (search.hasExact) return join(words.found(search.count, since), broken);
  if (search.best.length) return join(words.close(since), broken);
  return join(failed.length ? words.partly(since) : words.none(since), broken);
}

const join = (sentence, broken) => (broken ? `${sentence} · ${broken}` : sentence);
