'use strict';
const path = require('node:path');

/**
 * Three bundles from one source tree: the extension, the command line and the daemon.
 * Types are checked apart (`npm run check`), so that a build is only a translation.
 */
const bundle = (name, entry, output, externals) => ({
  name,
  target: 'node',
  mode: 'production',
  devtool: false,
  entry,
  output: { path: path.resolve(__dirname, 'dist'), filename: output, library: { type: 'commonjs2' } },
  externals,
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
  // Not minified: a readable stack trace in a user's log is worth more than the bytes.
  optimization: { minimize: false },
  performance: { hints: false },
  stats: 'errors-warnings',
});

const addon = ({ request }, done) =>
  request.endsWith('.node') ? done(null, `commonjs2 ${request}`) : done();

module.exports = [
  bundle('extension', './extension/main.ts', 'extension.js', [{ vscode: 'commonjs2 vscode' }]),
  bundle('cli', './cli/main.ts', 'lib/berth.js', []),
  bundle('daemon', './helper-daemon/main.ts', 'lib/berthd.js', [addon]),
];
