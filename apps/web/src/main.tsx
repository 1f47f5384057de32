import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createApp } from './app/start-app.tsx'
import './styles.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
const app = await createApp()
document.documentElement.dataset['started'] = ''
createRoot(root).render(<StrictMode>{app}</StrictMode>)
