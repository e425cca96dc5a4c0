'use strict';
const { readdirSync } = require('node:fs');
const path = require('node:path');

/** The suites that run inside the editor's extension host, one bundle for each. */
const suites = readdirSync(__dirname).filter((name) => name.endsWith('.suite.ts'));

module.exports = {
  target: 'node',
  mode: 'none',
  devtool: false,
  entry: Object.fromEntries(
    suites.map((name) => [name.replace(/\.suite\.ts$/, ''), path.join(__dirname, name)]),
  ),
  output: {
    path: path.resolve(__dirname, '../../../dist/editor-suite'),
    filename: '[name].js',
    library: { type: 'commonjs2' },
    clean: true,
  },
  externals: { vscode: 'commonjs2 vscode' },
  resolve: { extensions: ['.ts', '.js'] },
  module: {
    rules: [
      {
        test: /\.ts$/,
        exclude: /node_modules/,
        loader: 'ts-loader',
        options: {
          transpileOnly: true,
          compilerOptions: { noEmit: false, allowImportingTsExtensions: false },
        },
      },
    ],
  },
  stats: 'errors-warnings',
};
