// Parses a PowerShell script by the tree-sitter grammar of PowerShell and prints its pipelines as
// JSON: the words of each command, texts as [text]; a script block stands for its own words.
// Optimizing the grammar's WebAssembly would take a minute, which the process waits for at its end.
require('v8').setFlagsFromString('--liftoff-only');
const {Parser, Language} = require('web-tree-sitter');

const script = require('fs').readFileSync(0, 'utf8');
// A verbatim string has one escape: its quote twice.
const verbatim = (text) => [text.slice(1, -1).replace(/''/g, "'")];

const asOne = new Set(['command_name', 'command_parameter', 'generic_token', 'variable', 'comparison_operator']);

// words goes through what is below the cursor.
function words(cursor, into) {
  const text = script.slice(cursor.startIndex, cursor.endIndex);
  if (cursor.nodeType === 'verbatim_string_characters') {
    into.push(verbatim(text));
  } else if (asOne.has(cursor.nodeType)) {
    into.push(text);
  } else if (cursor.gotoFirstChild()) {
    do words(cursor, into); while (cursor.gotoNextSibling());
    cursor.gotoParent();
  } else if (text.trim() !== '' && cursor.nodeType !== 'comment') {
    into.push(text);
  }
  return into;
}

function pipelines(cursor, into) {
  if (cursor.nodeType === 'pipeline') {
    into.push(words(cursor, []));
  } else if (cursor.gotoFirstChild()) {
    do pipelines(cursor, into); while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return into;
}

(async () => {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));
  const root = parser.parse(script).rootNode;
  if (root.hasError) throw new Error('does not parse');
  console.log(JSON.stringify(pipelines(root.walk(), [])));
})().catch((error) => { console.error(String(error)); process.exit(1); });
