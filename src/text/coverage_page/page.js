'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const axes = data.axes; // in the order of the cells, the last innermost
  const [COVERED, MISSING, UNSUPPORTED, IMPOSSIBLE] = [0, 1, 2, 3];
  const byId = (id) => document.getElementById(id);
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const cells = new Uint16Array(axes.reduce((size, axis) => size * axis.values.length, 1));
  for (let at = 0, run = 0; run < data.runs.length; run += 2) {
    cells.fill(data.runs[run], at, at += data.runs[run + 1]);
  }

  const controls = byId('controls');
  const fields = {};
  const addSelect = (id, title, choices) => {
    const select = make('select', {id});
    for (const [value, text] of choices) select.append(make('option', {value, textContent: text}));
    controls.append(make('label', {}, title, select));
    fields[id] = select;
  };
  addSelect('rows', 'Rows', axes.map((axis) => [axis.key, axis.name]));
  addSelect('columns', 'Columns', axes.map((axis) => [axis.key, axis.name]));
  for (const axis of axes) addSelect(axis.key, axis.name, [['', 'all'], ...axis.values.map((value) => [value.text, value.label])]);
  addSelect('kind', 'Wheels', [['', 'all'], ['row', 'row wheels'], ['universal', 'universal']]);
  fields.shipped = make('input', {type: 'checkbox', id: 'shipped', checked: true});
  controls.append(make('label', {className: 'check'}, fields.shipped, 'Only what torch ships'));
  const reset = make('button', {type: 'button', id: 'reset', textContent: 'Reset'});
  controls.append(reset);

  const defaults = {rows: 'torch', columns: 'cuda', platform: axes.find((axis) => axis.key === 'platform').values[0].text};
  const names = [...Object.keys(fields)].filter((name) => name !== 'shipped');
  const readState = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      fields[name].value = asked.get(name) ?? defaults[name] ?? '';
      if (fields[name].selectedIndex < 0) fields[name].value = defaults[name] ?? '';
    }
    fields.shipped.checked = asked.get('shipped') !== 'no';
  };
  const writeState = () => {
    const state = new URLSearchParams();
    for (const name of names) if (fields[name].value !== (defaults[name] ?? '')) state.set(name, fields[name].value);
    if (!fields.shipped.checked) state.set('shipped', 'no');
    history.replaceState(null, '', '#' + state);
  };

  /// The state of a class of cells when only the chosen kind of wheels counts.
  const stateOf = ([state, row, universal]) => {
    const kind = fields.kind.value;
    if (state !== COVERED || !kind) return state;
    return (kind === 'row' ? row : universal) ? COVERED : MISSING;
  };

  /// Calls visit(class, indices) for each cell that the filters leave; `fixed` holds the index of some axes.
  const forEachCell = (fixed, visit) => {
    const choices = axes.map((axis, at) => {
      if (at in fixed) return [fixed[at]];
      const wanted = fields[axis.key].value;
      const all = axis.values.map((value, index) => index);
      return wanted ? all.filter((index) => axis.values[index].text === wanted) : all;
    });
    const walk = (at, offset) => {
      if (at === axes.length) return visit(cells[offset]);
      for (const index of choices[at]) walk(at + 1, offset * axes[at].values.length + index);
    };
    walk(0, 0);
  };

  const countCells = (fixed) => {
    const count = [0, 0, 0, 0];
    forEachCell(fixed, (kind) => { count[stateOf(data.classes[kind])] += 1; });
    return count;
  };

  const look = (count) => {
    const possible = count[COVERED] + count[MISSING];
    if (possible === 0) return count[IMPOSSIBLE] > count[UNSUPPORTED] ? ['none', '×', 'impossible'] : ['none', '–', 'not shipped by torch'];
    const text = `${count[COVERED]}/${possible}`;
    const spoken = `${count[COVERED]} of ${possible} covered`;
    if (count[COVERED] === 0) return ['missing', text, spoken];
    return [`level${count[COVERED] === possible ? 4 : 1 + Math.floor(3 * count[COVERED] / possible)}`, text, spoken];
  };

  const axisAt = (key) => axes.findIndex((axis) => axis.key === key);
  const shownValues = (at, count) => axes[at].values.map((value, index) => index).filter((index) => {
    const wanted = fields[axes[at].key].value;
    return (!wanted || axes[at].values[index].text === wanted) && (!fields.shipped.checked || count(index));
  });

  let buttons = [];
  let pressed = null;
  const table = byId('heat');
  const draw = () => {
    const rows = axisAt(fields.rows.value);
    const columns = axisAt(fields.columns.value);
    const isPossible = (fixed) => { const count = countCells(fixed); return count[COVERED] + count[MISSING] > 0; };
    const rowValues = shownValues(rows, (index) => isPossible({[rows]: index}));
    const columnValues = rows === columns ? [] : shownValues(columns, (index) => isPossible({[columns]: index}));
    const single = columnValues.length === 0;
    const head = make('tr', {}, make('th', {scope: 'col', textContent: single ? axes[rows].name : `${axes[rows].name} \\ ${axes[columns].name}`}));
    if (single) head.append(make('th', {scope: 'col', textContent: 'all'}));
    for (const column of columnValues) head.append(make('th', {scope: 'col', textContent: axes[columns].values[column].label}));
    const body = make('tbody');
    buttons = [];
    pressed = null;
    for (const row of rowValues) {
      const line = make('tr', {}, make('th', {scope: 'row', textContent: axes[rows].values[row].label}));
      const ofRow = [];
      for (const column of single ? [null] : columnValues) {
        const fixed = column === null ? {[rows]: row} : {[rows]: row, [columns]: column};
        const [className, text, spoken] = look(countCells(fixed));
        const name = Object.entries(fixed).map(([at, index]) => `${axes[at].name} ${axes[at].values[index].label}`).join(', ');
        const button = make('button', {type: 'button', className, textContent: text, tabIndex: -1});
        button.setAttribute('aria-label', `${name}: ${spoken}`);
        button.setAttribute('aria-pressed', 'false');
        button.addEventListener('click', () => explain(fixed, name, button));
        ofRow.push(button);
        line.append(make('td', {}, button));
      }
      buttons.push(ofRow);
      body.append(line);
    }
    const caption = make('caption', {textContent: rowValues.length === 0
      ? 'Nothing that torch ships is left by these filters.'
      : `Covered of possible combinations, ${axes[rows].name} by ${single ? 'nothing' : axes[columns].name}. Arrow keys move, Enter explains.`});
    table.replaceChildren(caption, make('thead', {}, head), body);
    if (buttons.length > 0) buttons[0][0].tabIndex = 0;
    const count = countCells({});
    byId('total').textContent = `${count[COVERED]} of ${count[COVERED] + count[MISSING]} possible combinations are covered; ` +
      `${count[UNSUPPORTED]} more are not shipped by torch, ${count[IMPOSSIBLE]} are impossible.`;
    byId('details').hidden = true;
    writeState();
  };

  const explain = (fixed, name, button) => {
    const groups = new Map();
    const count = [0, 0, 0, 0];
    forEachCell(fixed, (kind) => {
      const [, row, universal, reason, line] = data.classes[kind];
      const state = stateOf(data.classes[kind]);
      count[state] += 1;
      const key = state === COVERED ? `${state} ${row} ${universal}` : `${state} ${reason} ${line}`;
      const group = groups.get(key) ?? {state, row, universal, reason, line, cells: 0};
      group.cells += 1;
      groups.set(key, group);
    });
    const details = byId('details');
    details.replaceChildren(make('h2', {textContent: name}));
    const titles = ['Covered', 'Missing', 'Not shipped by torch', 'Impossible'];
    for (const state of [MISSING, COVERED, UNSUPPORTED, IMPOSSIBLE]) {
      if (count[state] === 0) continue;
      details.append(make('h3', {textContent: `${titles[state]} (${count[state]})`}));
      const list = make('ul');
      const sorted = [...groups.values()].filter((group) => group.state === state).sort((a, b) => b.cells - a.cells);
      for (const group of sorted) {
        const item = make('li');
        if (state === COVERED) {
          item.append(`${group.cells} by ${[group.row && 'a wheel for exactly this', group.universal && 'the universal wheel'].filter(Boolean).join(' and ')}`);
        } else {
          item.append(`${group.cells}: ${data.reasons[group.reason]}`);
        }
        if (state === MISSING && group.line) {
          const [place, text] = data.lines[group.line];
          item.append(make('div', {className: 'quiet', textContent: `in ${place}:`}), make('code', {textContent: text}));
        }
        list.append(item);
      }
      details.append(list);
    }
    details.hidden = false;
    pressed?.setAttribute('aria-pressed', 'false');
    pressed = button;
    button.setAttribute('aria-pressed', 'true');
  };

  const moves = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9], End: [0, 1e9]};
  table.addEventListener('keydown', (event) => {
    const row = buttons.findIndex((line) => line.includes(event.target));
    if (row < 0) return;
    if (event.key === 'Escape') {
      byId('details').hidden = true;
      pressed?.setAttribute('aria-pressed', 'false');
    }
    if (!(event.key in moves)) return;
    event.preventDefault();
    const within = (value, size) => Math.max(0, Math.min(size - 1, value));
    const [down, right] = moves[event.key];
    const next = buttons[within(row + down, buttons.length)];
    const target = next[within(buttons[row].indexOf(event.target) + right, next.length)];
    event.target.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  });
  controls.addEventListener('change', draw);
  reset.addEventListener('click', () => { location.hash = ''; readState(); draw(); });
  window.addEventListener('hashchange', () => { readState(); draw(); });
  readState();
  draw();
})();
