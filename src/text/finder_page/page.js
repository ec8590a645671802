(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const judge = makeJudge(data);
  const reader = makeEnvironmentReader(data.choices.gpus);
  const byId = (id) => document.getElementById(id);
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const SYSTEMS = {linux: 'Linux', windows: 'Windows', macos: 'macOS'};
  const minor = (text) => text.split('.').slice(0, 2).join('.');

  // choices -------------------------------------------------------------------------------------------------------------------------

  /// A release by itself, all later patches of its minor, or a whole minor of which no wheel names a release.
  const torchChoices = () => data.axes.torch.map(([from, andLater], index) => {
    const isWhole = andLater && from.endsWith('.0') && minor(data.axes.torch[index + 1]?.[0] ?? '') !== minor(from);
    if (isWhole) return [minor(from), minor(from)];
    return [from, andLater ? `${from} and later` : from];
  }).reverse();
  const pythonChoices = () => data.axes.python.flatMap((version) => {
    const isFreeThreaded = Number(version.split('.')[1]) >= 13; // PEP 703
    return isFreeThreaded ? [[version, version], [`${version}t`, `${version}t, free-threaded`]] : [[version, version]];
  }).reverse();
  const glibcChoices = () => {
    const names = new Map(data.axes.glibc.map((version) => [version, []]));
    for (const [name, glibc] of data.choices.systems) names.set(glibc, [...(names.get(glibc) ?? []), name]);
    const order = (left, right) => right.split('.')[1] - left.split('.')[1];
    return [...names.keys()].sort(order).map((version) => [version, [version, ...names.get(version)].join(' · ')]);
  };
  const cudaChoices = () => [['cpu', 'none: a CPU build'], ...data.axes.cuda.map((version) => [version, version]).reverse()];
  const namesAbi = data.parts.some(([kind, ...runs]) => data.kinds[kind].some(([axis]) => axis === 'cxx11_abi') && runs.length > 2);

  const fields = {};
  const addField = (id, title, input, help) => {
    input.id = id;
    fields[id] = input;
    const note = make('span', {id: `${id}-note`, className: 'note', textContent: help ?? ''});
    input.setAttribute('aria-describedby', note.id);
    byId('facts').append(make('div', {className: 'field'}, make('label', {htmlFor: id, textContent: title}), input, note));
  };
  const addSelect = (id, title, choices, help) => {
    const select = make('select', {}, make('option', {value: '', textContent: 'not known'}));
    for (const [value, textContent] of choices) select.append(make('option', {value, textContent}));
    addField(id, title, select, help);
  };
  const addText = (id, title, placeholder, help) => addField(id, title, make('input', {
    type: 'text', placeholder, autocomplete: 'off', spellcheck: false, maxLength: 200,
  }), help);

  if (data.projects.length > 1) addSelect('package', 'Package', data.projects.map((name) => [name, name]));
  addSelect('os', 'System', data.axes.system.map((name) => [name, SYSTEMS[name]]));
  addSelect('cpu', 'CPU', ['x86_64', 'aarch64'].map((name) => [name, name]), 'uname -m');
  addSelect('glibc', 'glibc', glibcChoices(), 'ldd --version');
  addSelect('python', 'Python', pythonChoices(), 'python -V');
  addSelect('torch', 'torch', torchChoices(), 'torch.__version__');
  addSelect('cuda', 'CUDA of torch', cudaChoices(), 'torch.version.cuda');
  if (namesAbi) addSelect('abi', 'C++ ABI of torch', [['new', 'new'], ['old', 'old']], 'torch.compiled_with_cxx11_abi()');
  addText('gpu', 'GPU', 'RTX 4090, 8.9 or none', '');
  addText('driver', 'Driver', '575.57.08', 'nvidia-smi');
  const helps = Object.fromEntries(Object.keys(fields).map((id) => [id, byId(`${id}-note`).textContent]));
  fields.gpu.setAttribute('list', 'gpus');
  byId('facts').append(make('datalist', {id: 'gpus'}, ...data.choices.gpus.flatMap(([arch, family, products]) =>
    products.map((product) => make('option', {value: product, label: `${arch} ${family}`})))));
  const reset = make('button', {type: 'button', id: 'reset', textContent: 'Start over'});
  byId('facts').append(reset);

  /// Values that came from elsewhere get a choice of their own.
  const setField = (id, value) => {
    const field = fields[id];
    if (!field) return;
    field.value = value;
    if (field.value === value) return;
    field.append(make('option', {value, textContent: value.endsWith('?') ? `${value.slice(0, -1)}, with or without the GIL` : value}));
    field.value = value;
  };

  // the environment -----------------------------------------------------------------------------------------------------------------

  /// Of the text of the GPU field: capabilities; none; not known; or what of it is not understood.
  const readGpus = (text) => {
    if (text.trim() === '') return {};
    if (/^(none|no gpu)$/i.test(text.trim())) return {sm: []};
    const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
    const found = names.map(reader.findGpu);
    const unknown = names.filter((name, index) => found[index] === null);
    return unknown.length > 0 ? {unknown: unknown[0]} : {sm: found};
  };
  const familyOf = (arch) => {
    const known = data.choices.gpus.find(([name]) => name === arch);
    return known && known[1] ? `${arch} ${known[1]}` : arch;
  };

  const readFields = () => {
    const problems = {};
    const value = (id) => fields[id]?.value || undefined;
    const here = {os: value('os'), arch: value('cpu'), glibc: value('glibc'), torch: value('torch'), torch_cuda: value('cuda')};
    const python = value('python');
    if (python) here.python = python.replace(/[t?]$/, '');
    if (python && !python.endsWith('?')) here.free_threaded = python.endsWith('t');
    if (value('abi')) here.torch_cxx11_abi = value('abi') === 'new';
    const driver = fields.driver.value.trim();
    if (reader.isDriver(driver)) here.driver = driver;
    else if (driver !== '') problems.driver = 'is no version such as 575.57.08';
    const gpus = readGpus(fields.gpu.value);
    if (gpus.sm) here.sm = gpus.sm;
    if (gpus.unknown) problems.gpu = `“${gpus.unknown}” is not a known GPU; write its compute capability, such as 8.9`;
    return {here, problems, gpus};
  };

  const fieldOf = {python: 'python', free_threaded: 'python', torch: 'torch', torch_cuda: 'cuda', torch_cxx11_abi: 'abi', driver: 'driver',
    os: 'os', arch: 'cpu', glibc: 'glibc', sm: 'gpu'};

  const showNotes = ({here, problems, gpus}, outside) => {
    for (const field of outside) problems[fieldOf[field]] = 'is not in the tables of this page and counts as not known';
    for (const [id, field] of Object.entries(fields)) {
      const isGpu = id === 'gpu' && gpus.sm;
      const read = isGpu ? (gpus.sm.length === 0 ? 'no GPU' : `compute capability ${gpus.sm.map(familyOf).join(', ')}`) : helps[id];
      byId(`${id}-note`).textContent = problems[id] ?? read;
      byId(`${id}-note`).classList.toggle('problem', id in problems);
      if (id in problems) field.setAttribute('aria-invalid', 'true');
      else field.removeAttribute('aria-invalid');
    }
    const rest = here.os && here.os !== 'linux';
    fields.glibc.closest('.field').hidden = Boolean(rest && !fields.glibc.value);
  };

  /// CUDA releases that torch's official builds have come first.
  const groupCudas = () => {
    const chosen = fields.cuda.value;
    const official = data.choices.torches[minor(fields.torch.value)] ?? [];
    const options = [...fields.cuda.options].slice(1).sort((left, right) => Number(right.value.replace('cpu', 99)) - Number(left.value.replace('cpu', 99)));
    const group = (label, members) => members.length > 0 ? [make('optgroup', {label}, ...members)] : [];
    const isOfficial = ({value}) => official.includes(value) || value === 'cpu';
    const groups = official.length === 0 ? options : [
      ...group(`official builds of torch ${minor(fields.torch.value)}`, options.filter(isOfficial)),
      ...group('others', options.filter((option) => !isOfficial(option)))];
    fields.cuda.replaceChildren(fields.cuda.options[0], ...groups);
    fields.cuda.value = chosen;
  };

  // the answer ----------------------------------------------------------------------------------------------------------------------

  const nameOf = (wheel) => wheel[0];
  const locationOf = ([name, place]) => {
    const text = typeof place !== 'number' ? place : place < 0 ? data.bases[-1 - place] + name.replaceAll('+', '%2B') : data.bases[place] + name;
    if (text === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
    return new URL(text, document.baseURI).href;
  };
  /// For a POSIX shell: as it is where no character is special, else in single quotes.
  const quoted = (text) => /^[0-9A-Za-z%+,\-./:=@_]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const requirementOf = (wheel) => {
    const location = locationOf(wheel) || nameOf(wheel);
    const isAddress = location.includes('://');
    const line = isAddress ? `${data.projects[wheel[4]]} @ ${location}` : location.includes('/') ? location : `./${location}`;
    return line + (wheel[2] === '' ? '' : ` --hash=sha256:${wheel[2]}`);
  };
  const sizeText = (bytes) => bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} KB`;

  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  };
  const commandLine = (title, text) => {
    const button = make('button', {type: 'button', className: 'copy', textContent: 'Copy'});
    button.setAttribute('aria-label', `Copy the line for ${title}`);
    button.addEventListener('click', () => copy(button, text));
    return make('div', {className: 'command'}, make('h3', {textContent: title}),
      make('div', {className: 'line'}, make('code', {textContent: text}), button));
  };
  const wheelName = (wheel) => make('bdi', {className: 'wheel', textContent: nameOf(wheel)});

  const questionItem = ({dependsOn, text}) => {
    const field = fields[fieldOf[dependsOn]];
    const item = make('li', {textContent: text});
    item.dataset.dependsOn = dependsOn;
    if (!field) return item;
    const button = make('button', {type: 'button', className: 'link', textContent: `fill in ${document.querySelector(`label[for="${field.id}"]`).textContent}`});
    button.addEventListener('click', () => field.focus());
    item.append(' ', button);
    return item;
  };

  const showPick = ({pick: {wheel, judged}}) => {
    const options = judged.namedFor === null ? '' : '--no-deps ';
    const place = quoted(locationOf(wheel) || nameOf(wheel));
    const about = [make('p', {className: 'file'}, wheelName(wheel), ...(wheel[3] === null ? [] : [` ${sizeText(wheel[3])}`]))];
    if (judged.namedFor !== null) about.push(make('p', {className: 'caution', textContent: `It works, but is named for ${judged.namedFor}; pip must leave its dependencies alone.`}));
    if (wheel[8] !== null) about.push(make('p', {className: 'caution', textContent: `It was yanked by its publisher${wheel[8] ? `: ${wheel[8]}` : '.'}`}));
    if (judged.open.length > 0) {
      about.push(make('div', {className: 'open'}, make('h3', {textContent: 'Whether it works still depends on'}), make('ul', {}, ...judged.open.map(questionItem))));
    }
    about.push(commandLine('pip', `pip install ${options}${place}`), commandLine('uv', `uv pip install ${options}${place}`),
      commandLine('a requirements file', requirementOf(wheel)));
    return {mark: judged.open.length > 0 ? 'maybe' : 'fits', about,
      text: judged.open.length > 0 ? 'This wheel fits as far as is known' : 'This wheel fits'};
  };

  const reasonList = (misfits) => make('ul', {}, ...misfits.map(({category, text}) => {
    const item = make('li', {textContent: text});
    item.dataset.category = data.categories[category];
    return item;
  }));

  const showNone = ({rejected}) => {
    if (rejected.length === 0) return {mark: 'none', text: 'There are no wheels to choose from', about: []};
    const shown = rejected.slice(0, 3).map(({wheel, judged}, index) => make('div', {className: 'miss'},
      make('h3', {textContent: index === 0 ? 'The nearest' : index === 1 ? 'The next' : 'The one after'}), make('p', {className: 'file'}, wheelName(wheel)), reasonList(judged.misfits)));
    return {mark: 'none', text: rejected.length === 1 ? 'The only wheel does not fit' : `None of ${rejected.length} wheels fits`, about: shown};
  };

  const showSeveral = ({projects}) => ({
    mark: 'maybe', text: `Wheels of ${projects.length} packages fit: choose one`,
    about: projects.slice(0, 20).map((project) => {
      const button = make('button', {type: 'button', className: 'choice', textContent: project});
      button.addEventListener('click', () => { setField('package', project); update(); fields.package.focus(); });
      return button;
    }),
  });

  const PAGE = 100;
  /// A list that is filled when it is opened, a hundred at a time.
  const otherList = (id, title, entries, item) => {
    const list = make('ol', {id});
    const box = make('details', {hidden: entries.length === 0}, make('summary', {textContent: title}), list);
    const more = make('button', {type: 'button', className: 'more'});
    const fill = () => {
      list.append(...entries.slice(list.children.length, list.children.length + PAGE).map(item));
      const left = entries.length - list.children.length;
      more.textContent = `Show ${Math.min(left, PAGE)} of ${left} more`;
      more.hidden = left === 0;
    };
    more.addEventListener('click', fill);
    box.append(more);
    box.addEventListener('toggle', () => { if (box.open && list.children.length === 0) fill(); });
    return box;
  };
  const acceptableItem = ({wheel, judged}) => {
    const item = make('li', {}, wheelName(wheel));
    if (judged.namedFor !== null) item.append(make('p', {className: 'named', textContent: `works, but is named for ${judged.namedFor}`}));
    if (judged.open.length > 0) item.append(make('ul', {}, ...judged.open.map(({dependsOn, text}) => {
      const entry = make('li', {textContent: text});
      entry.dataset.dependsOn = dependsOn;
      return entry;
    })));
    return item;
  };
  const rejectedItem = ({wheel, judged}) => make('li', {}, wheelName(wheel), reasonList(judged.misfits));

  const update = () => {
    groupCudas();
    const read = readFields();
    const answer = judge.select(read.here, fields.package?.value ?? '');
    showNotes(read, answer.outside);
    const shown = answer.pick ? showPick(answer) : answer.projects.length > 1 ? showSeveral(answer) : showNone(answer);
    byId('result').className = shown.mark;
    byId('answer').textContent = shown.text;
    byId('about').replaceChildren(...shown.about);
    const open = new Set([...document.querySelectorAll('#others details[open] ol')].map(({id}) => id));
    const {acceptable, rejected} = answer;
    byId('others').replaceChildren(
      otherList('acceptable', `${acceptable.length} ${acceptable.length === 1 ? 'wheel fits' : 'wheels fit'}, best first`, acceptable, acceptableItem),
      otherList('rejected', `${rejected.length} ${rejected.length === 1 ? 'does' : 'do'} not, nearest first`, rejected, rejectedItem));
    for (const id of open) byId(id).parentElement.open = true;
    const state = new URLSearchParams();
    for (const [id, field] of Object.entries(fields)) if (field.value.trim() !== '') state.set(id, field.value.trim());
    history.replaceState(null, '', `#${state}`);
  };

  const readAddress = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const id of Object.keys(fields)) setField(id, asked.get(id)?.slice(0, 200) ?? '');
    update();
  };

  // pasting -------------------------------------------------------------------------------------------------------------------------

  const text = make('textarea', {id: 'pasted', rows: 6, spellcheck: false, autocomplete: 'off'});
  text.setAttribute('aria-describedby', 'pasted-note');
  const pasted = make('p', {id: 'pasted-note', className: 'note'});
  pasted.setAttribute('role', 'status');
  byId('paste').append(make('label', {htmlFor: 'pasted'}, 'What ', make('code', {textContent: 'python -m torch.utils.collect_env'}), ' or ',
    make('code', {textContent: 'sagebuild doctor --json'}), ' prints'), text, pasted);

  const fill = ({facts}) => {
    const python = facts.python && minor(facts.python) + (facts.free_threaded === true ? 't' : facts.free_threaded === false ? '' : '?');
    const abi = facts.torch_cxx11_abi === undefined ? undefined : facts.torch_cxx11_abi ? 'new' : 'old';
    const gpu = facts.sm && (facts.sm.length === 0 ? 'none' : facts.sm.join(', '));
    const machine = facts.arch && ({amd64: 'x86_64', arm64: 'aarch64'}[facts.arch.toLowerCase()] ?? facts.arch.toLowerCase());
    const values = {os: facts.os, cpu: machine, glibc: facts.glibc, python, torch: facts.torch, cuda: facts.torch_cuda, abi, gpu, driver: facts.driver};
    for (const [id, value] of Object.entries(values)) setField(id, value ?? '');
    update();
    return Object.entries(values).filter(([id, value]) => value !== undefined && fields[id]);
  };
  text.addEventListener('input', () => {
    pasted.classList.remove('problem');
    pasted.textContent = '';
    if (text.value.trim() === '') return;
    try {
      const read = reader.read(text.value);
      const known = fill(read).map(([id]) => document.querySelector(`label[for="${id}"]`).textContent);
      pasted.textContent = [`Read: ${known.join(', ')}.`, ...read.notes].join(' ');
    } catch (error) {
      pasted.classList.add('problem');
      pasted.textContent = error instanceof SyntaxError ? 'The JSON is damaged or cut off.' : `Not read: ${error.message}.`;
    }
  });

  byId('facts').addEventListener('input', update);
  byId('facts').addEventListener('submit', (event) => event.preventDefault());
  reset.addEventListener('click', () => {
    for (const id of Object.keys(fields)) setField(id, '');
    text.value = '';
    pasted.textContent = '';
    update();
  });
  addEventListener('hashchange', readAddress);
  readAddress();
})();
