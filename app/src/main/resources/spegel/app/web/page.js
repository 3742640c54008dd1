'use strict';
(() => {
  const PERIOD_MILLIS = 2000;
  const PROGRESS_MILLIS = 700;
  const ANSWER_WITHIN_MILLIS = 5000;
  const $ = (id) => document.getElementById(id);

  let facts = null;
  let stats = null;
  let paused = false;
  let timer = 0;
  let asking = false;
  let lostSince = null;

  // Numbers for people.

  function bytes(count) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let value = count;
    let unit = 0;
    while (value >= 1023.5 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + ' ' + units[unit];
  }

  function millis(value) {
    if (value === null || value === undefined) return '–';
    if (value < 10) return value.toFixed(1) + ' ms';
    if (value < 1000) return Math.round(value) + ' ms';
    if (value < 60000) return (value / 1000).toFixed(1) + ' s';
    return Math.round(value / 60000) + ' min';
  }

  function rate(count, duration) {
    return count > 0 && duration > 0 ? bytes(count / (duration / 1000)) + '/s' : '–';
  }

  function ago(time) {
    const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
    if (seconds < 60) return seconds + ' s ago';
    if (seconds < 5400) return Math.round(seconds / 60) + ' min ago';
    if (seconds < 129600) return Math.round(seconds / 3600) + ' h ago';
    return Math.round(seconds / 86400) + ' d ago';
  }

  const clock = (time) => new Date(time).toLocaleTimeString();
  const counted = (count, one, many) => count + ' ' + (count === 1 ? one : many);
  const shortId = (id) => (id.length > 16 ? id.slice(0, 4) + '…' + id.slice(-8) : id);

  // Everything from outside becomes text of a node, never markup.

  function text(node, value) {
    const wanted = String(value);
    if (node.textContent !== wanted) node.textContent = wanted;
  }

  function element(name, className, content) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (content !== undefined) node.textContent = content;
    return node;
  }

  /** A cell is text, or {text, more, title, tone, cut, part: [done, of]}. */
  function fillCell(node, cell) {
    const given = typeof cell === 'object' ? cell : { text: cell };
    const state = JSON.stringify(given);
    if (node.shown === state) return;
    node.shown = state;
    const inner = element('span', [given.tone, given.cut ? 'cut' : ''].filter(Boolean).join(' '));
    if (given.title) inner.title = given.title;
    inner.append(given.text);
    const holder = element('span');
    holder.append(inner);
    if (given.more) holder.append(element('small', '', given.more));
    if (given.part) {
      const bar = element('progress');
      bar.max = given.part[1];
      bar.value = given.part[0];
      bar.setAttribute('aria-label', 'sent');
      holder.append(bar);
    }
    node.replaceChildren(holder);
  }

  /** Changes only what is different, so that a selection stays. */
  function fillTable(table, classes, rows) {
    const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const body = table.tBodies[0];
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((cells, r) => {
      let row = body.rows[r];
      if (!row) {
        row = body.insertRow();
        row.setAttribute('role', 'row');
        cells.forEach((_, c) => {
          const cell = row.insertCell();
          cell.setAttribute('role', 'cell');
          cell.dataset.label = labels[c];
          cell.className = classes[c];
        });
      }
      cells.forEach((cell, c) => fillCell(row.cells[c], cell));
    });
    table.hidden = rows.length === 0;
  }

  /** Laid out as blocks on a narrow screen, a table is still one to those who listen to it. */
  function nameRoles(table) {
    table.setAttribute('role', 'table');
    for (const part of [table.tHead, table.tBodies[0]]) part.setAttribute('role', 'rowgroup');
    table.tHead.rows[0].setAttribute('role', 'row');
    for (const cell of table.tHead.rows[0].cells) {
      cell.setAttribute('role', 'columnheader');
      cell.scope = 'col';
    }
  }

  function empty(id, message) {
    $(id).hidden = !message;
    text($(id), message || '');
  }

  // The parts of the page.

  function showTiles() {
    const { store, mirror } = stats;
    text($('t-images'), store.imageCount);
    text($('t-images-more'),
      bytes(store.contentBytes) + ' in ' + counted(store.contentCount, 'digest', 'digests'));
    text($('t-peers'), stats.connectedCount);
    text($('t-peers-more'), stats.peerCount + ' known');
    const asked = mirror.hits + mirror.misses;
    text($('t-hits'), asked ? ((100 * mirror.hits) / asked).toFixed(mirror.hits === asked ? 0 : 1) + ' %' : '–');
    text($('t-hits-more'), counted(mirror.hits, 'hit', 'hits') + ', ' + counted(mirror.misses, 'miss', 'misses'));
    text($('t-received'), bytes(mirror.receivedBytes));
    text($('t-received-more'), mirror.receiving + ' under way');
    text($('t-served'), bytes(mirror.servedBytes));
    text($('t-served-more'), mirror.serving + ' under way');
  }

  function showTransfers() {
    const byAddress = new Map();
    for (const peer of stats.peers) for (const address of peer.addresses) byAddress.set(address, peer.id);
    const rows = stats.transfers.map((transfer) => {
      const id = transfer.peerId || byAddress.get(transfer.peerAddress);
      const peer = { text: transfer.peerAddress, more: id ? shortId(id) : '', title: id || '' };
      const received = transfer.direction === 'received';
      const sent = transfer.sentBytes;
      const whole = sent === transfer.lengthBytes;
      let state;
      if (transfer.running) state = { text: received ? 'receiving' : 'sending', tone: 'good' };
      else if (whole) state = { text: 'done', more: ago(transfer.beganMillis + transfer.millis) };
      else state = { text: 'cut at ' + bytes(sent), tone: 'bad', more: ago(transfer.beganMillis + transfer.millis) };
      const size = { text: bytes(transfer.lengthBytes) };
      if (transfer.running && sent !== null) size.part = [sent, transfer.lengthBytes];
      return [
        { text: transfer.key, title: transfer.key, cut: true },
        received ? peer : 'this node',
        received ? { text: transfer.client, more: 'client' } : peer,
        size,
        sent === null ? '–' : rate(sent, transfer.millis),
        millis(transfer.millis),
        state,
      ];
    });
    fillTable($('transfers'), ['digest', '', '', 'n', 'n', 'n', ''], rows);
    const running = stats.transfers.filter((transfer) => transfer.running).length;
    text($('n-transfers'), rows.length ? running + ' under way, ' + (rows.length - running) + ' lately' : '');
    empty('e-transfers', rows.length ? '' :
      'No transfers yet: they show when a pull on this node finds layers at a peer, or a peer pulls from this node.');
  }

  function noPeers() {
    if (facts && facts.bootstrap === 'none') {
      return 'No peers yet: this node was started without --bootstrap-kind and looks for none. Others may still find it.';
    }
    const way = facts ? ' (--bootstrap-kind=' + facts.bootstrap + ')' : '';
    const port = facts ? facts.routerAddress.slice(facts.routerAddress.lastIndexOf(':') + 1) : 'of --router-addr';
    return 'No peers yet: this node has found no other' + way + '. Nodes must reach each other at TCP port ' + port +
      '; the log says "no peer yet" and why.';
  }

  function showPeers() {
    const rows = stats.peers.map((peer) => {
      const connection = peer.avoided
        ? { text: 'avoided', tone: 'warn', more: peer.connected ? 'connected' : '' }
        : peer.connected ? { text: 'connected', tone: 'good' } : { text: 'not connected', tone: 'quiet' };
      return [
        { text: peer.id, title: peer.id },
        peer.addresses.join(', ') || '–',
        connection,
        peer.agentVersion || '–',
        millis(peer.latencyMillis),
        String(peer.transfers),
        peer.failures ? { text: String(peer.failures), tone: 'warn' } : '0',
      ];
    });
    fillTable($('peers'), ['id', '', '', '', 'n', 'n', 'n'], rows);
    text($('n-peers'), rows.length < stats.peerCount ? 'first ' + rows.length + ' of ' + stats.peerCount : stats.peerCount || '');
    empty('e-peers', rows.length ? '' : noPeers());
  }

  function showImages() {
    const { store } = stats;
    const rows = store.images.map((image) => [
      image.name,
      { text: image.digest, title: image.digest, cut: true },
      String(image.contentCount),
      bytes(image.contentBytes),
    ]);
    fillTable($('images'), ['', 'digest', 'n', 'n'], rows);
    text($('n-images'), rows.length < store.imageCount ? 'first ' + rows.length + ' of ' + store.imageCount : store.imageCount || '');
    empty('e-images', rows.length ? '' : store.connected
      ? 'No images yet: the store has none whose name this node may share; --mirrored-registries and --registry-filters decide which.'
      : 'No images yet: the store does not answer, or is still being listed.');
    const names = $('names');
    if (names.shown !== rows.length + rows.map((row) => row[0]).join()) {
      names.shown = rows.length + rows.map((row) => row[0]).join();
      names.replaceChildren(...rows.map((row) => {
        const option = element('option');
        option.value = row[0];
        return option;
      }));
    }
  }

  function showFacts() {
    const host = facts.host || location.host;
    text($('host'), host);
    document.title = host + ' · Spegel';
    const list = [
      ['Version', facts.agentVersion],
      ['Peer', facts.peerId, 'id'],
      ['Addresses', facts.addresses.join(', ') || 'none yet', 'id'],
      ['Registry', facts.registryAddress],
      ['Router', facts.routerAddress],
      ['Store', facts.store],
      ['Finds peers by', facts.bootstrap === 'none' ? 'nothing (works alone)' : facts.bootstrap],
      ['Registries', facts.mirroredRegistries.join(', ') || 'all'],
      ['Filters', facts.registryFilters.join('  ') || 'none'],
      ['Started', new Date(facts.startedMillis).toLocaleString()],
    ];
    $('facts').replaceChildren(...list.flatMap(([name, value, kind]) => [element('dt', '', name), element('dd', kind, value)]));
  }

  function showState() {
    const state = $('state');
    let shown = 'loading';
    let tone = '';
    if (lostSince) [shown, tone] = ['not reachable', 'bad'];
    else if (stats && !stats.store.connected) [shown, tone] = ['store away', 'warn'];
    else if (stats) [shown, tone] = stats.ready ? ['ready', 'good'] : ['not ready', 'warn'];
    text(state, shown);
    state.className = 'state ' + tone;
    const alert = $('alert');
    alert.hidden = !lostSince;
    text(alert, lostSince
      ? 'The node has not answered since ' + clock(lostSince) + '.' + (stats ? ' What is shown is what it said last.' : '') +
        (paused ? '' : ' Trying again every ' + PERIOD_MILLIS / 1000 + ' s.')
      : '');
    document.querySelector('main').classList.toggle('stale', Boolean(lostSince && stats));
  }

  // Asking the node.

  async function ask(path, options) {
    const answer = await fetch(path, { cache: 'no-store', credentials: 'same-origin', ...options });
    return { status: answer.status, body: await answer.json() };
  }

  async function refresh() {
    if (asking) return;
    asking = true;
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MILLIS);
      // A node that was away may have come back as another.
      if (!facts || lostSince) {
        facts = (await ask('metadata', { signal })).body;
        showFacts();
      }
      stats = (await ask('stats', { signal })).body;
      lostSince = null;
      text($('updated'), 'Updated ' + clock(Date.now()));
      showTiles();
      showTransfers();
      showPeers();
      showImages();
    } catch (failure) {
      lostSince = lostSince || Date.now();
    } finally {
      asking = false;
      showState();
    }
  }

  function schedule() {
    clearInterval(timer);
    if (!paused && !document.hidden) {
      refresh();
      timer = setInterval(refresh, PERIOD_MILLIS);
    }
  }

  // Measuring.

  const ENDS = {
    complete: 'Complete',
    no_provider: 'No peer has it: no other node announces this name or digest',
    out_of_time: 'Ended: the time for measuring is over',
    out_of_bytes: 'Ended: as much as may be read has been read',
    interrupted: 'Ended: the node is shutting down',
    running: 'Measuring',
  };

  function sampleRow(sample) {
    const of = sample.readBytes < sample.sizeBytes && !sample.failure ? 'first ' + bytes(sample.readBytes) : '';
    const body = sample.firstByteMillis === null ? sample.millis : sample.millis - sample.firstByteMillis;
    // Of what came with one read there is no rate to tell.
    const long = sample.readBytes > 262144 && body > 0;
    return [
      sample.part,
      { text: sample.key, title: sample.key, cut: true },
      sample.sizeBytes ? { text: bytes(sample.sizeBytes), more: of } : '–',
      millis(sample.firstByteMillis),
      millis(sample.millis),
      long ? rate(sample.readBytes, body) : '–',
      sample.failure ? { text: sample.failure, tone: 'bad' } : { text: 'ok', tone: 'good' },
    ];
  }

  function peerTable(index) {
    const id = 'measured-' + index;
    let block = $(id);
    if (!block) {
      block = element('div');
      block.id = id;
      const title = element('h3');
      title.id = id + '-title';
      const table = element('table');
      table.setAttribute('aria-labelledby', title.id);
      const row = table.createTHead().insertRow();
      for (const [name, kind] of [['Part', ''], ['Content', ''], ['Size', 'n'], ['First byte', 'n'], ['Total', 'n'], ['Rate', 'n'], ['Result', '']]) {
        row.append(element('th', kind, name));
      }
      table.createTBody();
      nameRoles(table);
      block.append(title, table);
      $('measured').append(block);
    }
    return block;
  }

  function showMeasurement(report) {
    const parts = [ENDS[report.state] || report.state, report.image];
    if (report.lookupMillis !== null) parts.push('first provider after ' + millis(report.lookupMillis));
    if (report.peers.length) parts.push(counted(report.peers.length, 'peer', 'peers'));
    parts.push(millis(report.millis) + ' in all');
    text($('measure-state'), parts.join(' · '));
    $('measure-state').className = 'result';
    while ($('measured').children.length > report.peers.length) $('measured').lastElementChild.remove();
    report.peers.forEach((peer, index) => {
      const block = peerTable(index);
      text(block.firstElementChild, peer.address + ' · ' + peer.id);
      fillTable(block.lastElementChild, ['', 'digest', 'n', 'n', 'n', 'n', ''], peer.samples.map(sampleRow));
    });
  }

  async function measure(event) {
    event.preventDefault();
    const go = $('go');
    if (go.disabled) return;
    go.disabled = true;
    $('measured').replaceChildren();
    text($('measure-state'), 'Looking for peers …');
    $('measure-state').className = 'result';
    let over = false;
    const watch = setInterval(async () => {
      const soFar = await ask('measure').catch(() => null);
      if (!over && soFar && soFar.body.state === 'running') showMeasurement(soFar.body);
    }, PROGRESS_MILLIS);
    try {
      const { status, body } = await ask('measure?image=' + encodeURIComponent($('image').value.trim()), {
        method: 'POST',
        headers: { 'X-Spegel-Request': 'measure' },
      });
      over = true;
      if (status === 200) {
        showMeasurement(body);
      } else {
        text($('measure-state'), body.error);
        $('measure-state').className = 'result bad';
      }
    } catch (failure) {
      text($('measure-state'), 'The node did not answer; try again when it is reachable.');
      $('measure-state').className = 'result bad';
    } finally {
      over = true;
      clearInterval(watch);
      go.disabled = false;
    }
  }

  for (const table of document.querySelectorAll('table')) {
    nameRoles(table);
    table.hidden = true;
  }
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    schedule();
    showState();
  });
  document.addEventListener('visibilitychange', schedule);
  $('measure').addEventListener('submit', measure);
  schedule();
})();
