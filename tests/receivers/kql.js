// Reads KQL with Microsoft's own language service, offline.
//
//     node kql.js FOLDER-OF-THE-PACKAGE < asked.json
//
// Asked is {"table": name, "schema": "(Column:type, ...)", "queries": {name: text}}; answered, by name,
// {"diagnostics": [text], "columns": [name]}.

const folder = process.argv[2];
require(folder + '/bridge.js');
require(folder + '/Kusto.Language.Bridge.js');
const { KustoCode, GlobalState } = Kusto.Language;
const { DatabaseSymbol, TableSymbol } = Kusto.Language.Symbols;

const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const table = TableSymbol.From(asked.schema).WithName(asked.table);
const database = new DatabaseSymbol.ctor('workspace', [table]);
const globals = GlobalState.Default.WithDatabase(database);

const answered = {};
for (const [name, text] of Object.entries(asked.queries)) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const told = code.GetDiagnostics();
  const diagnostics = [];
  for (let i = 0; i < told.Count; i++) {
    const diagnostic = told.getItem(i);
    const at = text.slice(diagnostic.Start, diagnostic.Start + diagnostic.Length);
    diagnostics.push(`${diagnostic.Code} ${diagnostic.Severity}: ${diagnostic.Message} (at ${JSON.stringify(at)})`);
  }
  const columns = [];
  const result = code.ResultType && code.ResultType.Columns;
  for (let i = 0; result && i < result.Count; i++) columns.push(result.getItem(i).Name);
  answered[name] = { diagnostics, columns };
}
console.log(JSON.stringify(answered));
