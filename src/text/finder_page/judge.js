'use strict';

/// Looks up the verdicts that sagebuild tabulated with its own judges (core/finder_table.hpp), and puts together and orders them as
/// core/wheel_selection does. An environment has the fields of `select --environment`; undefined or null: not known.
const makeJudge = (data) => {
  const SM = data.categories.indexOf('sm');
  const NAME = data.categories.indexOf('name');
  const UNPARSEABLE = data.categories.indexOf('unparseable');
  const axes = data.axes;

  const numbers = (text) => text.split('.').map(Number);
  const minor = (text) => text.split('.').slice(0, 2).join('.');
  const compare = (left, right) => {
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      const apart = (left[at] ?? 0) - (right[at] ?? 0);
      if (apart !== 0) return apart;
    }
    return 0;
  };
  const machineName = (text) => {
    const lower = text.toLowerCase();
    return {amd64: 'x86_64', arm64: 'aarch64'}[lower] ?? lower;
  };

  // from facts to states ------------------------------------------------------------------------------------------------------------

  /// State 1 lies below all `starts`, the others begin with each of them.
  const bucket = (starts, value) => 1 + starts.filter((start) => compare(numbers(start), numbers(value)) <= 0).length;

  const torchState = (value) => {
    const here = numbers(value);
    const exact = axes.torch.findIndex(([from]) => compare(numbers(from), here) === 0);
    if (exact >= 0) return exact + 1;
    const below = axes.torch.findLastIndex(([from]) => minor(from) === minor(value) && compare(numbers(from), here) < 0);
    return below >= 0 && axes.torch[below][1] ? below + 1 : -1;
  };
  const pythonState = (value, isFree) => {
    const place = axes.python.indexOf(minor(value));
    return place < 0 ? -1 : 1 + 3 * place + (isFree === true ? 2 : isFree === false ? 1 : 0);
  };
  const cudaState = (value) => {
    if (value === 'cpu') return 1;
    const place = value.includes('.') ? axes.cuda.indexOf(minor(value)) : -1;
    return place < 0 ? -1 : place + 2;
  };
  const machineState = (value) => {
    const place = axes.machine.indexOf(machineName(value));
    return place < 0 ? axes.machine.length + 1 : place + 1;
  };

  /// The states of all facts. Values that the tables do not hold count as not known; their fields are in `outside`.
  const place = (here) => {
    const outside = [];
    const stateOf = (field, find) => {
      if (here[field] === undefined || here[field] === null) return 0;
      const state = find(here[field]);
      if (state < 0) outside.push(field);
      return Math.max(state, 0);
    };
    let gpus = null;
    if (here.sm && here.sm.every((gpu) => axes.gpu.includes(gpu))) {
      gpus = here.sm;
    } else if (here.sm) {
      outside.push('sm');
    }
    const arm = (gpus ?? []).map((gpu) => axes.arm_gpu.indexOf(gpu)).find((index) => index >= 0);
    const states = {
      python: stateOf('python', (value) => pythonState(value, here.free_threaded)),
      torch: stateOf('torch', torchState),
      cuda: stateOf('torch_cuda', cudaState),
      cxx11_abi: stateOf('torch_cxx11_abi', (value) => value ? 1 : 2),
      driver: stateOf('driver', (value) => bucket(axes.driver, value)),
      has_driver: stateOf('driver', () => 1),
      glibc: stateOf('glibc', (value) => bucket(axes.glibc, value)),
      system: axes.system.indexOf(here.os ?? (here.glibc ? 'linux' : '')) + 1,
      machine: here.arch ? machineState(here.arch) : arm === undefined ? 0 : axes.machine.length + 2 + arm,
      has_gpu: gpus === null ? 0 : gpus.length === 0 ? 1 : 2,
    };
    return {states, outside, gpus: gpus && axes.gpu.map((gpu, index) => index).filter((index) => gpus.includes(axes.gpu[index]))};
  };

  // from states to verdicts ---------------------------------------------------------------------------------------------------------

  const parts = data.parts.map(([kind, ...runs]) => ({axes: data.kinds[kind], runs, verdicts: null}));
  const unpack = ({axes: [...sizes], runs}) => {
    const verdicts = new Uint32Array(sizes.reduce((size, axis) => size * axis[1], 1));
    for (let at = 0, run = 0; run < runs.length; run += 2) verdicts.fill(runs[run], at, at += runs[run + 1]);
    return verdicts;
  };
  const lookUp = (index, states) => {
    const part = parts[index];
    part.verdicts ??= unpack(part);
    return data.verdicts[part.verdicts[part.axes.reduce((at, [axis, size]) => at * size + states[axis], 0)]];
  };

  const worst = (misfits) => misfits.reduce((most, misfit) => Math.max(most, misfit.category), 0);
  const isLess = (left, right) => {
    const at = left.findIndex((value, index) => value !== right[index]);
    return at >= 0 && left[at] < right[at];
  };

  /// Judges each profile once; all wheels that share it are judged by that.
  const makeProfileJudge = (here, project) => {
    const {states, gpus, outside} = place(here);
    const values = {
      torch: here.torch, driver: here.driver, glibc: here.glibc && minor(here.glibc), arch: here.arch && machineName(here.arch), project,
    };
    const textOf = (index) => {
      const text = data.texts[index];
      return typeof text === 'string' ? text : text[0] + values[text[1]] + text[2];
    };
    const read = ([misfits, open, amounts, namedFor]) => {
      const verdict = {misfits: [], open: [], amounts, namedFor: namedFor === undefined ? null : textOf(namedFor)};
      for (let at = 0; at < misfits.length; at += 2) verdict.misfits.push({category: misfits[at], text: textOf(misfits[at + 1])});
      for (let at = 0; at < open.length; at += 2) verdict.open.push({dependsOn: open[at], text: textOf(open[at + 1])});
      return verdict;
    };

    const judgeTags = (tags) => {
      let best = null;
      for (const [pythonPart, platformPart, isPure] of tags) {
        const python = read(lookUp(pythonPart, states));
        const platform = read(lookUp(platformPart, states));
        const misfits = [...python.misfits, ...platform.misfits];
        const open = [...python.open, ...platform.open];
        const rank = python.amounts[0] * data.tags_per_group + platform.amounts[0];
        const distance = python.amounts[1];
        const key = [misfits.length, worst(misfits), distance, open.length, rank];
        if (best === null || isLess(key, best.key)) best = {key, misfits, open, rank, distance, isPure};
      }
      return best;
    };

    const judgeGpus = ([isDispatch, unknown, coverage, refusals, ptxPart], judged) => {
      const add = (verdict) => {
        judged.misfits.push(...verdict.misfits);
        judged.open.push(...verdict.open);
      };
      if (gpus === null) return add(read(data.verdicts[unknown]));
      const name = (index) => axes.gpu[index];
      const unserved = gpus.filter((index) => coverage[index] === '-').map(name);
      const served = gpus.filter((index) => coverage[index] !== '-').map(name);
      if (!isDispatch) {
        judged.imageClass = gpus.some((index) => coverage[index] === 'p') ? 2 : 0;
        judged.imageDistance = gpus.some((index) => coverage[index] === 'l') ? 1 : 0;
      }
      if (unserved.length > 0) {
        const [before, between, after] = refusals[Math.min(served.length, 2)];
        const rest = between === '' ? '' : between + served.join(', ') + after;
        judged.misfits.push({category: SM, text: before + unserved.join(' and ') + rest});
      } else if (!isDispatch && judged.imageClass === 2) {
        add(read(lookUp(ptxPart, states)));
      }
    };

    const judgeProfile = ([tags, requirement, torchParts, pureParts, gpuParts, toolkit]) => {
      const tag = judgeTags(tags);
      const judged = {misfits: tag.misfits, open: tag.open, namedFor: null, imageClass: 1, imageDistance: 0};
      const amounts = [0, 0, 0, 0];
      const add = (verdict) => {
        judged.misfits.push(...verdict.misfits);
        judged.open.push(...verdict.open);
        judged.namedFor ??= verdict.namedFor;
        verdict.amounts.forEach((amount, index) => { amounts[index] += amount; });
      };
      if (requirement >= 0) add(read(lookUp(requirement, states)));
      for (const part of tag.isPure ? pureParts : torchParts) add(read(lookUp(part, states)));
      if (toolkit >= 0) for (const gpu of gpus ?? []) add(read(lookUp(toolkit, {gpu})));
      for (const part of gpuParts) judgeGpus(data.gpu_parts[part], judged);
      const [torchDistance, cudaDistance, abiDistance, minorsApart] = amounts;
      judged.missDistance = minorsApart * 100 + tag.distance;
      judged.rankOf = ([lastResort, preRelease, version, local, build]) => [
        lastResort || judged.namedFor !== null ? 1 : 0, judged.open.length, preRelease, version, judged.imageClass, torchDistance, cudaDistance,
        abiDistance, judged.imageDistance, local, tag.rank, build];
      return judged;
    };

    const refuse = (misfits) => ({
      misfits, open: [], namedFor: null, missDistance: 0,
      rankOf: ([, , version, local, build]) => [0, 0, 0, version, 0, 0, 0, 0, 0, local, 0, build],
    });
    const profiles = data.profiles.map(() => null);
    const judgeWheel = (wheel) => {
      const refusal = wheel[6] < 0 ? null : read(data.verdicts[wheel[6]]).misfits;
      const isName = refusal === null || refusal[0].category !== UNPARSEABLE;
      if (project && isName && data.projects[wheel[4]] !== project) {
        return refuse([{category: NAME, text: textOf(data.foreign_texts[wheel[4]])}]);
      }
      if (refusal !== null) return refuse(refusal);
      return profiles[wheel[5]] ??= judgeProfile(data.profiles[wheel[5]]);
    };
    return {judgeWheel, outside};
  };

  /// Another project and unreadable names come last however close they look.
  const missKey = ({misfits, missDistance}) => {
    const category = worst(misfits);
    return [category === NAME ? 2 : category === UNPARSEABLE ? 1 : 0, misfits.length, category, missDistance];
  };

  /// What `select_wheels` answers; `project` may be empty. Wheels are kept by name, so that their order settles what is equal.
  const select = (here, project) => {
    const {judgeWheel, outside} = makeProfileJudge(here, project);
    const acceptable = [];
    const rejected = [];
    data.wheels.forEach((wheel, index) => {
      const judged = judgeWheel(wheel);
      const fits = judged.misfits.length === 0;
      const key = [...(fits ? [] : missKey(judged)), ...judged.rankOf(wheel[7]), index];
      (fits ? acceptable : rejected).push({wheel, judged, key});
    });
    const order = (left, right) => isLess(left.key, right.key) ? -1 : 1;
    acceptable.sort(order);
    rejected.sort(order);
    const projects = [...new Set(acceptable.map(({wheel}) => data.projects[wheel[4]]))].sort();
    return {pick: projects.length === 1 ? acceptable[0] : null, acceptable, rejected, projects, outside};
  };

  return {select};
};
