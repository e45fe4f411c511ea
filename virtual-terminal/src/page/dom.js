// A small keyed patcher: what has not changed stays as it is, so that focus, scroll position and text selection stay too.

/** Describes an element. Attributes that are null, undefined or false are left out; `on…` are listeners. */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: children.flat(Infinity).filter((c) => c != null && c !== false) };
}

/** Makes the children of `parent` look like `wanted`. */
export function patch(parent, wanted) {
  const old = new Map();
  for (const node of parent.childNodes) old.set(node.patchKey ?? node, node);
  const keep = new Set();
  const nodes = wanted.map((want, index) => {
    const key = keyOf(want, index);
    let node = old.get(key);
    if (!node || keep.has(node)) {
      node = create(want);
      node.patchKey = key;
    }
    keep.add(node);
    return node;
  });
  for (const node of [...parent.childNodes]) if (!keep.has(node)) node.remove();
  let next = parent.firstChild;
  nodes.forEach((node, index) => {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
    update(node, wanted[index]);
  });
}

function keyOf(want, index) {
  if (typeof want !== "object") return `#text:${index}`;
  return `${want.tag}:${want.props.key ?? index}`;
}

function create(want) {
  if (typeof want !== "object") return document.createTextNode("");
  return document.createElement(want.tag);
}

function update(node, want) {
  if (typeof want !== "object") {
    if (node.data !== String(want)) node.data = String(want);
    return;
  }
  const before = node.patchProps ?? {};
  for (const name of Object.keys(before)) {
    if (name.startsWith("on")) {
      if (!want.props[name]) node[name] = null;
    } else if (!present(want.props[name])) {
      node.removeAttribute(name);
    }
  }
  for (const [name, value] of Object.entries(want.props)) {
    if (name === "key" || name === "value" || name === "checked") continue;
    if (name.startsWith("on")) {
      node[name] = value ?? null;
    } else if (present(value)) {
      const text = value === true ? "" : String(value);
      if (node.getAttribute(name) !== text) node.setAttribute(name, text);
    }
  }
  // The attribute is only where a checkbox begins; what it is now is a property.
  if ("checked" in want.props) node.checked = want.props.checked;
  node.patchProps = want.props;
  patch(node, want.children);
  // After the children: a select takes its value from its options.
  if ("value" in want.props && node.value !== String(want.props.value)) setValue(node, want.props.value);
}

/** Text that a person is typing is not replaced under their fingers. */
function setValue(node, value) {
  if (node === document.activeElement && node.typing) return;
  if (node.tagName === "PROGRESS") {
    node.setAttribute("value", value);
    return;
  }
  node.value = value;
}

function present(value) {
  return value !== null && value !== undefined && value !== false;
}
