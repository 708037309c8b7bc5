// Reads what somebody wants who took an address of a code host and put this site's in front. Nothing here touches the
// page, and nothing of the address becomes part of another one but what is named here.

const COMMIT = /^(?:(?:pull|merge_requests)\/\d+\/)?commits?\/([0-9a-f]{4,64})(?:\.(?:html|patch|diff))?(?:\/.*)?$/i;
// A branch may be called `feed`.
const SHORTEST_WITH_BRANCHES = 7;
const DAY = /^(?:(?:commits|tree|days)\/)?(\d{4})[-/](\d{2})[-/](\d{2})(?:\.html)?$/;
const NUMBER = /^(?:pull|pulls|issues|merge_requests)\/(\d+)(?:\/.*)?$/;
const FILE = /^(?:blob|blame|raw|edit|tree|commits)\/[^/]+\/(.+)$/;
// The whole of a repository, or of one of its branches.
const ALL = /^(?:(?:commits|tree)(?:\/[^/]+)?)?$/;
const COMMIT_ANYWHERE = /^(.+?)\/(?:-\/)?((?:pull\/\d+\/)?commits?\/[0-9a-f]{7,64}\b.*)$/i;

/**
 * Say what the path of an address asks for: `repository` where it is one of those, and `sha`, `day`, `number`, `file` or
 * `isAll`; in any case `query`, what to search for. Null where it asks for nothing.
 */
export function readWish(path, repositories) {
  const plain = path.replace(/^\/+|\/+$/g, "");
  if (!plain || plain === "404.html") return null;
  const repository = findRepository(plain, repositories);
  const rest = repository ? plain.slice(repository.length).replace(/^\.git\b/, "") : plain;
  return { repository, ...readRest(rest.replace(/^\/+(?:-\/)?/, ""), Boolean(repository)) };
}

function readRest(rest, isInRepository) {
  const asked = isInRepository ? rest : (COMMIT_ANYWHERE.exec(rest)?.[2] ?? rest);
  const sha = COMMIT.exec(asked)?.[1].toLowerCase();
  if (sha && (/^commit\//i.test(asked) || sha.length >= SHORTEST_WITH_BRANCHES)) return { sha, query: sha };
  const day = DAY.exec(rest)?.slice(1);
  if (day) return { day, query: day.join("-") };
  const number = isInRepository && NUMBER.exec(rest)?.[1];
  if (number) return { number: Number(number), query: `#${number}` };
  const file = isInRepository && FILE.exec(rest)?.[1];
  if (file) return { file, query: file };
  return { isAll: isInRepository && ALL.test(rest), query: rest.replace(/\.html$/, "") };
}

/** Hosts take a name in capitals and small letters for the same. */
function findRepository(path, repositories) {
  const small = path.toLowerCase();
  const found = repositories.filter((name) => new RegExp(`^${escape(name.toLowerCase())}(?:\\.git)?(?:/|$)`).test(small));
  return found.sort((one, other) => other.length - one.length)[0];
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
