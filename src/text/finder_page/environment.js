/// Reads what users paste or type into the fields of an environment: the JSON of `select --environment` and `doctor --json`, what
/// `python -m torch.utils.collect_env` prints, names of GPUs. Whatever is missing or not understood stays not known.
const makeEnvironmentReader = (gpus) => {
  const isVersion = (text, least = 2) => new RegExp(`^\\d{1,4}(\\.\\d{1,4}){${least - 1},3}$`).test(text);
  const isDriver = (text) => /^\d{1,5}(\.\d{1,5}){0,3}$/.test(text);

  /// `NVIDIA GeForce RTX4090 Laptop GPU` is `nvidia`, `geforce`, `rtx`, `4090`, `laptop`, `gpu`.
  const splitWords = (text) => text.toLowerCase().replace(/\b[rg]tx(?=\d)/g, '$& ').split(/[^a-z0-9?]+/).filter((word) => word !== '');
  const matches = (pattern, word) => pattern.length === word.length && [...pattern].every((letter, at) => letter === '?' || letter === word[at]);
  const holds = (words, pattern) => words.some((word, at) => pattern.every((piece, ahead) => matches(piece, words[at + ahead] ?? '')));
  const patterns = gpus.flatMap(([arch, , , names]) => names.map((name) => ({arch, words: splitWords(name)})));

  /// The compute capability of a GPU by its product name (the name with the most words decides), by a name of the list, or by itself.
  const findGpu = (text) => {
    const listed = gpus.find(([, , products]) => products.some((product) => product.toLowerCase() === text.toLowerCase()));
    if (listed) return listed[0];
    if (/^\d{1,2}\.\d$/.test(text)) return text;
    const words = splitWords(text.slice(0, 100));
    const found = patterns.filter((pattern) => holds(words, pattern.words));
    const most = Math.max(...found.map((pattern) => pattern.words.length));
    const archs = new Set(found.filter((pattern) => pattern.words.length === most).map((pattern) => pattern.arch));
    return archs.size === 1 ? [...archs][0] : null;
  };

  /// `2.9.1+cu129` says torch and its CUDA; `2.7.0a0+79aa17489c.nv25.04` and `2.13.0.dev20260610` are 2.7.0 and 2.13.0.
  const readTorch = (text, facts) => {
    const release = text.match(/^\d{1,4}(\.\d{1,4}){1,3}/);
    if (!release) return false;
    facts.torch = release[0];
    const label = text.match(/\+([^.]*)/)?.[1] ?? '';
    const cuda = label.match(/^cu(\d\d)(\d{1,2})$/);
    if (label === 'cpu') facts.torch_cuda = 'cpu';
    if (cuda) facts.torch_cuda = `${cuda[1]}.${cuda[2]}`;
    return true;
  };

  const readJson = (text) => {
    const root = JSON.parse(text);
    const given = root?.environment ?? root;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Error('the JSON is not an object');
    const facts = {};
    const take = (key, isGood) => {
      if (given[key] === undefined || given[key] === null) return;
      if (!isGood(given[key])) throw new Error(`\`${key}\` is not understood`);
      facts[key] = given[key];
    };
    const isText = (value) => typeof value === 'string';
    take('python', (value) => isText(value) && isVersion(value));
    take('free_threaded', (value) => typeof value === 'boolean');
    if (isText(given.torch) && !readTorch(given.torch, facts)) throw new Error('`torch` is not understood');
    take('torch_cuda', (value) => value === 'cpu' || (isText(value) && isVersion(value, 1)));
    take('torch_cxx11_abi', (value) => typeof value === 'boolean');
    take('driver', (value) => isText(value) && isDriver(value));
    take('os', (value) => ['linux', 'windows', 'macos'].includes(value));
    take('arch', (value) => isText(value) && value.length <= 40);
    take('glibc', (value) => isText(value) && isVersion(value));
    take('sm', (value) => Array.isArray(value) && value.every((gpu) => isText(gpu) && /^\d{1,2}\.\d[af]?$/.test(gpu)));
    if (facts.sm) facts.sm = facts.sm.map((gpu) => gpu.replace(/[af]$/, ''));
    if (Object.keys(facts).length === 0) throw new Error('the JSON says nothing of a machine');
    return {facts, notes: []};
  };

  const readCollectedSystem = (lineOf, facts) => {
    const system = lineOf('OS');
    const platform = lineOf('Python platform');
    if (/windows/i.test(system) || platform.startsWith('Windows')) facts.os = 'windows';
    else if (/^mac/i.test(system) || platform.startsWith('macOS')) facts.os = 'macos';
    else if (platform.startsWith('Linux')) facts.os = 'linux';
    const glibc = lineOf('Libc version').match(/^glibc-(\d+\.\d+)/) ?? platform.match(/with-glibc(\d+\.\d+)/);
    if (glibc) facts.glibc = glibc[1];
    const machine = lineOf('Architecture') || `${platform} ${system} ${lineOf('Python version')}`;
    if (/\b(x86_64|AMD64)\b|^9$/.test(machine)) facts.arch = 'x86_64';
    else if (/\b(aarch64|arm64)\b|^12$/i.test(machine)) facts.arch = 'aarch64';
  };

  const readCollected = (text) => {
    const lineOf = (name) => {
      const found = text.match(new RegExp(`^${name} ?[:=][ \\t]*(.*)$`, 'm'))?.[1].trim() ?? '';
      return found === 'N/A' || found === 'Could not collect' ? '' : found;
    };
    const facts = {};
    const notes = [];
    readTorch(lineOf('PyTorch version'), facts);
    const cuda = lineOf('CUDA used to build PyTorch');
    if (isVersion(cuda)) facts.torch_cuda = cuda;
    if (cuda === 'None' && facts.torch) facts.torch_cuda = 'cpu';
    const python = lineOf('Python version');
    const release = python.match(/^\d+\.\d+/);
    if (release) {
      facts.python = release[0];
      facts.free_threaded = /free-threading build/.test(python);
    }
    readCollectedSystem(lineOf, facts);
    const driver = lineOf('Nvidia driver version');
    if (isDriver(driver)) facts.driver = driver;
    const names = [...text.matchAll(/\bGPU \d+: (.+)$/gm)].map(([, name]) => name.trim());
    const found = names.map(findGpu);
    const unknown = names.filter((name, index) => found[index] === null);
    if (unknown.length > 0) notes.push(`GPU ${unknown[0]} is not known here: enter its compute capability, such as 8.9`);
    if (names.length > 0 && unknown.length === 0) facts.sm = [...new Set(found)];
    return {facts, notes};
  };

  /// The facts of a pasted text, with notes on what was not understood; throws an Error whose message says why there are none.
  const read = (text) => {
    if (/^\s*\{/.test(text)) return readJson(text);
    if (/^PyTorch version:/m.test(text)) return readCollected(text);
    throw new Error('this is neither JSON of sagebuild nor the output of torch.utils.collect_env');
  };

  return {read, findGpu, isDriver};
};
